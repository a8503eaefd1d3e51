using System.Diagnostics;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Tests.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Faults;

public sealed class Files_that_stay_locked : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    [Fact]
    public async Task A_write_waits_so_long_for_another_program_and_then_says_that_it_may_be_repeated()
    {
        var log = await TemporaryDatabase.Begin(_files.Store());
        using var database = Database.Open(_files.File, patience: TimeSpan.FromSeconds(1));
        using var store = new ThreadStore(database, _files.Keep(new Owner(database)));
        using var other = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Crasher.dll"), _files.File, "hold"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var watch = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<DatabaseException>(() => store.Append(log, [Chose()]));

        Assert.Equal($"{_files.File} stayed locked by another program. Nothing was stored. Repeat the call; if it persists, see which program holds the file.", error.Message);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.Equal(log.Events, store.Read(log.Thread.Id).Events);

        other.StandardInput.Close();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        await store.Append(log, [Chose()]);
        Assert.Equal(2, store.Read(log.Thread.Id).Thread.Version);
    }

    public void Dispose() => _files.Dispose();
}
