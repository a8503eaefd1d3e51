using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using Microsoft.Data.Sqlite;
using ModelContextProtocol;

namespace AgentMcp.Server.Tests.RawWire;

/// <summary>The real program on databases it cannot use: one line that says what to do, exit code 2, no stack trace.</summary>
public sealed class Bad_databases
{
    [Theory]
    [InlineData("stdio")]
    [InlineData("http")]
    public async Task A_file_that_is_no_database_is_named_at_start(string command)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Database, new string('x', 8192), TestContext.Current.CancellationToken);

        Assert.Equal(
            $"{folder.Database} is not a usable SQLite database (SQLite Error 26: 'file is not a database'.). Restore it from a backup, or choose another file with --db.",
            await Failing(command, folder.Database));
        Assert.Equal(new string('x', 8192), await File.ReadAllTextAsync(folder.Database, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        using var folder = new TestFolder();
        await using (var server = await RunningServer.Start(Transport.Stdio, folder.Database))
        {
        }

        Execute(folder.Database, "PRAGMA user_version = 999");

        Assert.Matches("^.*threads.db has schema version 999; this program knows versions up to [0-9]+. Update AgentMcp, or choose another file with --db.$",
            await Failing("stdio", folder.Database));
    }

    [Fact]
    public async Task A_path_that_cannot_be_is_named_at_start()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        var below = await Failing("stdio", Path.Combine(file, "threads.db"));
        var directory = await Failing("stdio", folder.Path);

        Assert.StartsWith($"{Path.Combine(file, "threads.db")} cannot be opened (", below, StringComparison.Ordinal);
        Assert.StartsWith($"{folder.Path} cannot be opened (", directory, StringComparison.Ordinal);
        Assert.All([below, directory], message => Assert.EndsWith("). Check that its folder exists and can be written, or choose another file with --db.", message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_that_is_damaged_while_the_server_runs_is_an_error_of_the_calls_that_need_it()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database, Ways.Newest);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        Damage(folder.Database);

        foreach (var (tool, arguments) in new (string, object)[]
        {
            ("get_thread", new { thread_id = pending.ThreadId }),
            ("resume_thread", new { thread_id = pending.ThreadId, approved = true }),
            ("calculator", new { message = "divide 3 by 4" }),
            ("cancel_thread", new { thread_id = pending.ThreadId }),
        })
        {
            Assert.Equal($"unavailable: {folder.Database} is damaged (SQLite Error 11: 'database disk image is malformed'.). Run agentmcp doctor --verify to see which threads are affected, and restore a backup (agentmcp restore FILE). Threads on other pages are still served.",
                await server.Refusal(tool, arguments));
        }

        var error = await Assert.ThrowsAsync<McpProtocolException>(async () =>
            await server.Client.ReadResourceAsync($"thread://{pending.ThreadId}", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("is damaged (SQLite Error 11", error.Message, StringComparison.Ordinal);
        // Of threads that cannot be read nothing is offered; all others would be.
        Assert.Equal("[]", (await server.Send("completion/complete",
            JsonNode.Parse("""{"ref":{"type":"ref/prompt","name":"resume_thread"},"argument":{"name":"request_id","value":""}}"""))).GetProperty("completion").GetProperty("values").GetRawText());
        Assert.NotEmpty((await server.Ask("list_agents", new { })).GetProperty("agents").EnumerateArray());
    }

    private static async Task<string> Failing(string command, string database)
    {
        using var process = RunningServer.Launch(command == "http" ? [command, "--port", "0"] : [command], database, readErrors: true);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("", 2), (output, process.ExitCode));
        return Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // The table of events becomes noise; the first page, which says what there is, stays.
    private static void Damage(string path)
    {
        var page = Execute(path, "PRAGMA wal_checkpoint(TRUNCATE); SELECT rootpage FROM sqlite_master WHERE name = 'events'");
        var size = Execute(path, "PRAGMA page_size");
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = (page - 1) * size;
        file.Write(Enumerable.Repeat((byte)0xA5, (int)size).ToArray());
    }

    private static long Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        do
        {
            while (reader.Read())
            {
                if (reader.FieldCount == 1)
                {
                    return reader.GetInt64(0);
                }
            }
        }
        while (reader.NextResult());

        return 0;
    }
}
