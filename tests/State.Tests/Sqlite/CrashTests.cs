using System.Diagnostics;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>Real processes on one file.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(1000)]
    [Trait("Accepts", "R.6")]
    public async Task What_was_acknowledged_survives_a_kill_and_every_log_folds(int lines)
    {
        using var writer = Start();
        var acknowledged = new List<(string Id, int Version)>();
        while (acknowledged.Count < lines && await writer.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            acknowledged.Add(Parse(line));
        }

        writer.Kill();
        while (await writer.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            // The kill may have cut the last line short; a line cut short is a thread id or a number cut short.
            if (line.Split(' ') is [{ Length: 36 }, { Length: > 0 }])
            {
                acknowledged.Add(Parse(line));
            }
        }

        await writer.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(acknowledged.Count >= lines, await writer.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        var stored = await Stored();
        Assert.DoesNotContain(acknowledged, thread => !stored.TryGetValue(thread.Id, out var version) || version < thread.Version);
        Assert.Equal(0, new ThreadIndex(_files.Open()).Rebuild());
        Assert.Equal("ok", _files.Scalar<string>("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Several_processes_share_one_file_and_none_hears_that_it_is_locked()
    {
        var writers = Enumerable.Range(0, 3).Select(_ => _files.Keep(Start("100"))).ToList();
        var said = await Task.WhenAll(writers.Select(async writer =>
        {
            var (output, errors) = (writer.StandardOutput.ReadToEndAsync(), writer.StandardError.ReadToEndAsync());
            await writer.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (writer.ExitCode, Errors: await errors, Lines: (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }));
        Assert.Equal([(0, ""), (0, ""), (0, "")], said.Select(writer => (writer.ExitCode, writer.Errors)));
        var stored = await Stored();
        Assert.Equal((900, 300), (said.Sum(writer => writer.Lines.Length), stored.Count));
        Assert.All(stored.Values, version => Assert.Equal(4, version));
    }

    public void Dispose() => _files.Dispose();

    private Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Crasher.dll"), _files.File, .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static (string Id, int Version) Parse(string line)
    {
        var words = line.Split(' ');
        return (words[0], int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The version of every stored thread, once its log has been folded.</summary>
    private async Task<Dictionary<string, int>> Stored()
    {
        using var connection = _files.Open().Connect();
        var ids = await connection.QueryAsync<string>("SELECT DISTINCT thread_id FROM events");
        var store = _files.Store();
        return ids.ToDictionary(id => id, id => store.Read(ThreadId.Parse(id)).Thread.Version);
    }
}
