using AgentMcp.Agents.Tools;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Upstream;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>In the place of a server that took a call as a task there is one by now that has no tasks.</summary>
public sealed class A_server_that_keeps_no_tasks_any_more
{
    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task Is_asked_no_further_about_one()
    {
        var clock = new SteppedClock(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var scribe = new Scribe();
        await using var upstreams = new Upstreams([new UpstreamSettings("scribe", null, [], new Dictionary<string, string>(), null, new(scribe.Url), new Dictionary<string, string>(), Trust: false)],
            TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10), clock, NullLoggerFactory.Instance);
        var fire = upstreams.Recall(new("scribe", "fire"));
        var call = new ToolCall(ThreadId.New(clock.GetUtcNow()), new(2), "key", JsonText.Parse("{}"), Attempt: 1, Relayed: new(new UpstreamState { Task = "t1" }.Json));

        Assert.True(await fire.Elsewhere!.Moved(call, TestContext.Current.CancellationToken));
        Assert.Equal("The server took the call as a task and cannot say what became of it: Request failed (remote): there is no such method",
            (await Assert.ThrowsAsync<OutcomeUnknownException>(() => fire.Run(call, TestContext.Current.CancellationToken))).Message);
        await fire.Elsewhere.End(call, TestContext.Current.CancellationToken);
    }
}
