using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Concurrent_answers(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "F6.7")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Of_ten_answers_at_once_one_wins_and_the_others_are_told_which(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Answer(server, pending, i)));

        Assert.Equal(9, results.Count(refused => refused.StartsWith("already_answered: ", StringComparison.Ordinal)));
        await OnlyOneAnswerIsIn(server, pending);
    }

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task Of_answers_from_two_processes_over_two_transports_one_wins()
    {
        await using var stdio = await servers.Beside(Transport.Http, Ways.Newest, Transport.Stdio);
        var http = await servers.Of(Transport.Http, Ways.Newest);
        var pending = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => stdio.Do("calculator", new { message = "divide 3 by 4" })));

        var results = await Task.WhenAll(pending.SelectMany(thread => new[] { Answer(stdio, thread, 1), Answer(http, thread, 2) }));

        Assert.Equal(10, results.Count(refused => refused.StartsWith("already_answered: ", StringComparison.Ordinal)));
        foreach (var thread in pending)
        {
            await OnlyOneAnswerIsIn(http, thread);
        }
    }

    // Each answer is its own by its comment, so that none is a repetition of another.
    private static async Task<string> Answer(RunningServer server, Reply pending, int i)
    {
        var result = await server.Call("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved = true, comment = $"answer {i}" });
        return result.IsError == true ? ((TextContentBlock)result.Content[0]).Text : "";
    }

    private static async Task OnlyOneAnswerIsIn(RunningServer server, Reply pending)
    {
        var done = await server.Do("wait_thread", new { thread_id = pending.ThreadId });
        var log = await server.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        Assert.Equal("The result is 0.75.", done.Message);
        Assert.Equal(
            ["thread_started", "step_chosen", "request_opened", "request_answered", "tool_started", "tool_returned", "step_chosen", "thread_completed"],
            log.EventTypes);
    }
}
