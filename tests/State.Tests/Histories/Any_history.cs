using System.Globalization;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using CsCheck;

namespace AgentMcp.State.Tests.Histories;

/// <summary>
/// Several processes on one file do anything in any order, with clocks that are off, and die at any instruction of SQLite.
/// After every deed the file is what the reference says: what was acknowledged is there, in order and without a gap; a
/// lease is held by one; a fenced append is refused; a key leads to one thread; and in the end every thread can be ended.
/// <c>AGENTMCP_HISTORIES_SECONDS</c> makes it go on for longer, <c>AGENTMCP_HISTORIES_SEED</c> begins with that one.
/// </summary>
public sealed class Any_history : IDisposable
{
    private const int Seconds = 6;
    private const string Data = """{"name":"clerk"}""";
    public static readonly string Definition = LogCheck.HashOf(Data);
    // In memory where there is such a folder: what is on disk when is not the question here.
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "agentmcp-" + Guid.NewGuid().ToString("N"))).FullName;
    private readonly Database _database;

    public Any_history() => _database = Database.Open(Path.Combine(_folder, "threads.db"));

    [Fact]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "F6.7")]
    public async Task Leaves_what_was_acknowledged_and_nothing_else()
    {
        var (histories, deeds, deaths) = (0, 0, 0);
        using (var store = new ThreadStore(_database, new Owner(_database)))
        {
            await store.SaveDefinition(Definition, JsonText.Parse(Data));
        }

        await Deed.Histories.SampleAsync(
            async history =>
            {
                (histories, deeds) = (histories + 1, deeds + history.Length);
                using var one = new History(_database);
                await one.Run(history);
                deaths += one.Deaths;
            },
            seed: Environment.GetEnvironmentVariable("AGENTMCP_HISTORIES_SEED"),
            time: Environment.GetEnvironmentVariable("AGENTMCP_HISTORIES_SECONDS") is { } told ? int.Parse(told, CultureInfo.InvariantCulture) : Seconds,
            threads: 1,
            print: history => $"[{string.Join(", ", history.AsEnumerable())}]");

        TestContext.Current.TestOutputHelper?.WriteLine($"{histories} histories, {deeds} deeds, {deaths} deaths");
        Assert.True(deaths > 10, $"{histories} histories, {deeds} deeds, {deaths} deaths");
        Assert.Empty(new Verification(_database).Run().Flaws);
        Assert.Equal(0, new ThreadIndex(_database).Rebuild());
    }

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
