using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Workflows;

/// <summary>Two agents called side by side, each of which asks before it divides, over the wire and through kill -9.</summary>
public sealed class A_workflow_outlives_its_processes
{
    private static readonly object BothCalls = new
    {
        agent = "side_by_side",
        input = new { calls = new[] { Call("divide 3 by 4"), Call("divide 9 by 3") } },
    };

    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "W.5")]
    [Trait("Accepts", "F6.3")]
    [InlineData(Transport.Stdio, Transport.Http)]
    [InlineData(Transport.Http, Transport.Stdio)]
    public async Task Both_requests_are_listed_at_the_root_and_answered_in_reverse_by_other_processes(Transport first, Transport second)
    {
        using var folder = new TestFolder();
        Reply pending;
        await using (var server = await RunningServer.Start(first, folder.Database))
        {
            pending = await server.Do("invoke_agent", BothCalls);
            await server.Kill();
        }

        var requests = pending.Json.GetProperty("requests").EnumerateArray().ToList();
        Assert.Equal(["approval", "approval", "child", "child"], requests.Select(request => request.GetProperty("kind").GetString()));
        Assert.Equal(["divide", "divide"], requests[..2].Select(request => request.GetProperty("action").GetProperty("tool").GetString()));
        Assert.All(requests[..2], request => Assert.Equal((2, pending.ThreadId), (request.GetProperty("path").GetArrayLength(), request.GetProperty("path")[0].GetString())));
        Assert.Equal("pending", pending.Status);
        Assert.EndsWith(" One more request is open.", pending.Sentence, StringComparison.Ordinal);

        await using (var server = await RunningServer.Start(second, folder.Database))
        {
            var unnamed = await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, approved = true });
            Assert.All(requests[..2], request => Assert.Contains(request.GetProperty("id").GetString()!, unnamed, StringComparison.Ordinal));
            Assert.Contains("request_ambiguous", unnamed, StringComparison.Ordinal);
            var one = await server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = Id(requests[1]), approved = true });
            Assert.Equal(("pending", Id(requests[0])), (one.Status, Id(one.Json.GetProperty("requests")[0])));
            await server.Kill();
        }

        await using var last = await RunningServer.Start(first, folder.Database);
        var done = await last.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = Id(requests[0]), approved = true });

        Assert.Equal("completed", done.Status);
        Assert.Equal(["The result is 0.75.", "The result is 3."],
            done.Json.GetProperty("output").GetProperty("results").EnumerateArray().Select(result => result.GetProperty("output").GetProperty("message").GetString()));
        var threads = (await last.Ask("list_threads", new { })).GetProperty("threads").EnumerateArray().Select(thread => thread.GetProperty("agent").GetString());
        Assert.Equal(["calculator", "calculator", "side_by_side"], threads.Order(StringComparer.Ordinal));
    }

    private static object Call(string message) => new { agent = "calculator", input = new { message } };

    private static string Id(JsonElement request) => request.GetProperty("id").GetString()!;
}
