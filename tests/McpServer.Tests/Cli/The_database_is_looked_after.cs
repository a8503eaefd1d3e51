using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Cli;

/// <summary>Backup, restore, purge and verify, as an operator uses them.</summary>
public sealed class The_database_is_looked_after : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task A_backup_of_a_running_server_is_restored_and_its_pending_thread_is_answered_there()
    {
        await using var server = await RunningServer.Start(Transport.Http, _agentmcp.Database);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var backup = Path.Combine(_agentmcp.Folder, "monday.db");

        var made = await _agentmcp.Run("backup", backup);
        var again = await _agentmcp.Run("backup", backup);
        var over = await _agentmcp.Run("restore", backup);
        var restored = await _agentmcp.Run("restore", backup, "--db", Path.Combine(_agentmcp.Folder, "restored.db"), "--json");
        var answered = await _agentmcp.Run("answer", pending.ThreadId, "--approve", "--db", Path.Combine(_agentmcp.Folder, "restored.db"));

        Assert.Equal((0, 2, 2, 0, 0), (made.ExitCode, again.ExitCode, over.ExitCode, restored.ExitCode, answered.ExitCode));
        Assert.Matches($"^Backed up to {Regex.Escape(backup)}: 1 threads, 3 events, [0-9]+ KB.\nThe secrets beside it \\(.key, -access\\) are not in it: after a restore open forms are asked again and people sign in again.\n$", made.Output);
        Assert.Equal($"{backup} is there already and was left as it is. Give the backup another name.\n", again.Error);
        Assert.Equal($"{_agentmcp.Database} is there already and was left as it is. Stop all servers that use it and move it away, or name another file with --db.\n", over.Error);
        Assert.Equal((1, 3), (restored.Json.GetProperty("threads").GetInt32(), restored.Json.GetProperty("events").GetInt32()));
        Assert.Equal("pending", (await server.Do("get_thread", new { thread_id = pending.ThreadId })).Status);
    }

    [Fact]
    public async Task A_purge_shows_what_it_would_delete_deletes_it_and_is_remembered()
    {
        var done = await _agentmcp.Call("calculator", "multiply 3 and 4");
        var pending = await _agentmcp.Call("calculator", "divide 3 by 4");

        var young = await _agentmcp.Run("purge", "--older-than", "90d");
        var would = await _agentmcp.Run("purge", "--older-than", "0.001s", "--dry-run");
        var did = await _agentmcp.Run("purge", "--older-than", "0.001s");
        var log = await _agentmcp.Run("purge", "--log", "--json");

        Assert.Equal("There is nothing to purge.\n", young.Output);
        Assert.Equal("THREAD    AGENT       EVENTS\nthr_...  calculator  6\n1 threads with 6 events would be deleted. Nothing was.\n", Regex.Replace(would.Told, "THREAD +", "THREAD    "));
        Assert.Equal("Purge 1 deleted 1 threads with 6 events for good.\n", did.Output);
        Assert.Equal(("local", 1, 6), Assert.Single(log.Json.EnumerateArray().Select(purge =>
            (purge.GetProperty("by").GetString(), purge.GetProperty("threads").GetInt32(), purge.GetProperty("events").GetInt32()))));
        Assert.Equal((3, 4), ((await _agentmcp.Run("show", done)).ExitCode, (await _agentmcp.Run("call", "calculator", "divide 1 by 8")).ExitCode));
        Assert.Contains("approval", (await _agentmcp.Run("show", pending)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _agentmcp.Run("doctor", "--verify")).ExitCode);
    }

    [Fact]
    public async Task A_purge_says_where_what_it_deleted_can_still_be_found()
    {
        await _agentmcp.Call("calculator", "multiply 3 and 4");
        using var reader = new SqliteConnection($"Data Source={_agentmcp.Database};Pooling=False");
        reader.Open();
        using var reading = reader.CreateCommand();
        reading.CommandText = "BEGIN; SELECT count(*) FROM threads";
        reading.ExecuteNonQuery();

        var did = await _agentmcp.Run("purge", "--older-than", "0.001s");

        Assert.Equal(
            (0, "Purge 1 deleted 1 threads with 6 events for good.\n",
                "Another program is reading the database, so what was deleted can still be found in its files. Run the purge again later to overwrite it.\n"),
            (did.ExitCode, did.Output, did.Error));
    }

    [Theory]
    [InlineData("What is old enough? Say so with --older-than, such as --older-than 90d.\n", "purge")]
    [InlineData("--older-than must be a time such as 90s, 15m, 4h or 2d, not 'ages'.\nSee: agentmcp purge --help\n", "purge", "--older-than", "ages")]
    [InlineData("There is no database at DB. Name another file with --db.\n", "backup", "somewhere.db")]
    [InlineData("There is no file FOLDER/nothing.db.\n", "restore", "nothing.db")]
    public async Task What_cannot_be_done_is_said_in_one_line(string said, params string[] arguments)
    {
        var ran = await _agentmcp.Run(arguments);
        Assert.Equal((2, said), (ran.ExitCode, ran.Error.Replace(_agentmcp.Database, "DB", StringComparison.Ordinal).Replace(_agentmcp.Folder, "FOLDER", StringComparison.Ordinal)));
        Assert.False(File.Exists(Path.Combine(_agentmcp.Folder, "somewhere.db")));
    }

    [Fact]
    public async Task Verify_names_what_differs_and_rebuild_mends_it()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");
        using (var connection = new SqliteConnection($"Data Source={_agentmcp.Database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE threads SET status = 'completed', kind = NULL";
            command.ExecuteNonQuery();
        }

        var (found, mended, sound) = (await _agentmcp.Run("doctor", "--verify", "--json"), await _agentmcp.Run("doctor", "--rebuild", "--json"), await _agentmcp.Run("doctor", "--verify", "--json"));

        Assert.Equal((1, 0, 0), (found.ExitCode, mended.ExitCode, sound.ExitCode));
        Assert.Equal([$"{thread}: The list of threads does not fit its log: Status is completed and should be pending; Kind is nothing and should be approval. Run agentmcp doctor --rebuild."], Details(found));
        Assert.Equal(["1 rows of the list of threads were made anew from their logs", "1 threads, 3 events: every log folds and everything else follows from the logs"], Details(mended));
        Assert.Equal(["1 threads, 3 events: every log folds and everything else follows from the logs"], Details(sound));
    }

    private static IEnumerable<string> Details(CommandLine.Ran ran) => ran.Json.GetProperty("checks").EnumerateArray()
        .Where(check => check.GetProperty("name").GetString() is "verify" or "rebuild").Select(check => check.GetProperty("detail").GetString()!);
}
