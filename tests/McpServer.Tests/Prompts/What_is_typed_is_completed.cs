using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
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
