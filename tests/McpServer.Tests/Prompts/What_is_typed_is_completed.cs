using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using Microsoft.Data.Sqlite;
using ModelContextProtocol;

namespace AgentMcp.Server.Tests.Prompts;

public sealed class What_is_typed_is_completed
{
    [Theory]
    [InlineData(Transport.Stdio, Ways.Newest)]
    [InlineData(Transport.Http, Ways.Sessions)]
    public async Task Agents_threads_and_requests_are_offered_newest_first(Transport transport, string protocol)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(transport, folder.Database, protocol);
        var done = (await server.Do("calculator", new { message = "add 1 and 2" })).ThreadId;
        var older = await server.Do("calculator", new { message = "divide 3 by 4" });
        var newer = await server.Do("calculator", new { message = "divide 5 by 6" });
        var (olderAsks, newerAsks) = (older.RequestId, newer.RequestId);

        Assert.Equal(["deploybot"], await Offered(server, Prompt("invoke_agent"), "agent", "De"));
        Assert.Equal([newer.ThreadId, older.ThreadId, done], await Offered(server, Prompt("get_thread"), "thread_id", ""));
        Assert.Equal([newer.ThreadId, older.ThreadId, done], await Offered(server, Prompt("get_thread"), "thread_id", "thr_0"));
        Assert.Equal([older.ThreadId], await Offered(server, Prompt("get_thread"), "thread_id", older.ThreadId[..30]));
        Assert.Equal([older.ThreadId], await Offered(server, Prompt("get_thread"), "thread_id", older.ThreadId));
        Assert.Empty(await Offered(server, Prompt("get_thread"), "thread_id", "thr_x"));
        Assert.Equal([newer.ThreadId, older.ThreadId, done], await Offered(server, Template("thread://{id}/transcript"), "id", "0"));
        Assert.Equal([done], await Offered(server, Template("thread://{id}/output"), "id", ""));
        Assert.Equal([newerAsks, olderAsks], await Offered(server, Prompt("resume_thread"), "request_id", ""));
        Assert.Equal([olderAsks], await Offered(server, Prompt("resume_thread"), "request_id", "req_", older.ThreadId));
        Assert.Empty(await Offered(server, Prompt("resume_thread"), "request_id", "", "thr_ffffffffffffffffffffffffffffffff"));
        Assert.Empty(await Offered(server, Prompt("calculator"), "message", "di"));
    }

    [Fact]
    public async Task There_are_at_most_a_hundred_and_it_is_said_that_there_are_more()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database, Ways.Newest);
        var first = (await server.Do("calculator", new { message = "add 1 and 2" })).ThreadId;
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), TestContext.Current.CancellationToken, async (_, _) => await server.Call("calculator", new { message = "add 1 and 2" }));

        var completion = await Complete(server, Prompt("get_thread"), "thread_id", "");

        Assert.True(completion.GetProperty("hasMore").GetBoolean());
        Assert.Equal(100, completion.GetProperty("values").GetArrayLength());
        Assert.DoesNotContain(first, completion.GetProperty("values").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task A_thread_whose_log_was_changed_by_hand_hides_no_other()
    {
        using var folder = new TestFolder();
        string asks;
        await using (var before = await RunningServer.Start(Transport.Stdio, folder.Database))
        {
            asks = (await before.Do("calculator", new { message = "divide 3 by 4" })).RequestId;
            var damaged = (await before.Do("calculator", new { message = "divide 5 by 6" })).ThreadId;
            using var database = new SqliteConnection($"Data Source={folder.Database};Pooling=False");
            database.Open();
            using var change = database.CreateCommand();
            change.CommandText = """INSERT INTO events (thread_id, version, data) VALUES ($1, 4, '{"type":"tool_returned","at":"2026-05-04T10:00:00Z"}')""";
            change.Parameters.AddWithValue("$1", damaged);
            change.ExecuteNonQuery();
        }

        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database);

        Assert.Equal([asks], await Offered(server, Prompt("resume_thread"), "request_id", ""));
    }

    [Fact]
    public async Task What_is_no_text_is_refused_as_that()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database);
        await server.Initialize();
        const string Words = "What completion/complete was given ";
        const string See = ". See the MCP specification for what it takes.";
        (string Parameters, string Answer)[] bad =
        [
            ("""{"ref":null,"argument":null}""", "params.ref must not be null in completion/complete."),
            ("""{"ref":{"type":"ref/prompt","name":"invoke_agent"},"argument":{"name":"agent","value":null}}""", "params.argument.value must not be null in completion/complete."),
            ("""{"ref":{"type":"ref/prompt","name":null},"argument":{"name":"agent","value":"x"}}""", $"{Words}cannot be read: Prompt references must have a 'name' property{See}"),
            ("""{"ref":{"type":"ref/prompt","name":7},"argument":{"name":"agent","value":"x"}}""", $"{Words}has a value that is not of its type at $.ref{See}"),
            ("""{"ref":{"type":"ref/tool","name":"x"},"argument":{"name":"agent","value":"x"}}""", $"{Words}cannot be read: Unknown content type: 'ref/tool'{See}"),
            ("""{"ref":[],"argument":{"name":"agent","value":"x"}}""", $"{Words}has a value that is not of its type at $.ref{See}"),
            ("""{"ref":{"type":"ref/prompt","name":"resume_thread"},"argument":{"name":"request_id","value":"x"},"context":{"arguments":{"thread_id":7}}}""", $"{Words}has a value that is not of its type at $.context.arguments.thread_id{See}"),
            ("""{"ref":{"type":"ref/prompt","name":"resume_thread"},"argument":{"name":"request_id","value":"x"},"context":7}""", $"{Words}has a value that is not of its type at $.context{See}"),
        ];

        List<(string, string)> told = [];
        foreach (var (parameters, _) in bad)
        {
            var id = $"{told.Count}";
            await server.Send($$"""{"jsonrpc":"2.0","id":"{{id}}","method":"completion/complete","params":{{parameters}}}""");
            var answer = await server.Answer(id);
            told.Add((parameters, answer.GetProperty("error").GetProperty("message").GetString()!));
            Assert.Equal(-32602, answer.GetProperty("error").GetProperty("code").GetInt32());
        }

        Assert.Equal(bad, told);
    }

    [Fact]
    public async Task What_there_is_not_is_refused()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database, Ways.Newest);

        var prompt = await Assert.ThrowsAsync<McpProtocolException>(() => Complete(server, Prompt("get_thred"), "thread_id", ""));
        var template = await Assert.ThrowsAsync<McpProtocolException>(() => Complete(server, Template("file://{id}"), "id", ""));

        Assert.Equal((McpErrorCode.InvalidParams, McpErrorCode.InvalidParams), (prompt.ErrorCode, template.ErrorCode));
        Assert.Contains("There is no prompt 'get_thred'. The prompts are calculator, ", prompt.Message, StringComparison.Ordinal);
        Assert.Contains("There is no resource template file://{id}.", template.Message, StringComparison.Ordinal);
    }

    private static JsonObject Prompt(string name) => new() { ["type"] = "ref/prompt", ["name"] = name };

    private static JsonObject Template(string uri) => new() { ["type"] = "ref/resource", ["uri"] = uri };

    private static async Task<IEnumerable<string>> Offered(RunningServer server, JsonObject reference, string argument, string typed, string? thread = null)
    {
        var completion = await Complete(server, reference, argument, typed, thread);
        Assert.False(completion.GetProperty("hasMore").GetBoolean());
        return [.. completion.GetProperty("values").EnumerateArray().Select(value => value.GetString()!)];
    }

    private static async Task<System.Text.Json.JsonElement> Complete(RunningServer server, JsonObject reference, string argument, string typed, string? thread = null)
    {
        var parameters = new JsonObject { ["ref"] = reference, ["argument"] = new JsonObject { ["name"] = argument, ["value"] = typed } };
        if (thread is not null)
        {
            parameters["context"] = new JsonObject { ["arguments"] = new JsonObject { ["thread_id"] = thread } };
        }

        return (await server.Send("completion/complete", parameters)).GetProperty("completion");
    }
}
