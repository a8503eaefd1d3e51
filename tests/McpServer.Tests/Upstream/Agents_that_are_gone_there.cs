using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>A call may have begun a thread at the other server, whose agent is no tool of it any more.</summary>
public sealed class Agents_that_are_gone_there
{
    private const string Start = "\"agentmcp:thr_";
    private const string Tool = "\"name\":\"calculator\"";
    private const string Unknown = """ "error":{"code":-32602,"message":"Unknown tool: 'calculator'"} """;

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task What_a_call_began_is_found_and_gone_on_with()
    {
        await using var pair = await Pair.Start(http: true, late: Start);
        pair.Line.Refuse(Tool, Unknown);

        var asked = await pair.Settle(await pair.Here.Take("chief", new { intent = "far.calculator", message = "divide 3 by 4" }));
        Assert.Equal(("approval", 0), (asked.Kind, pair.Line.Refusals));
        var next = await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));

        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.Equal(["calculator completed"], await pair.ThreadsThere());
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.6")]
    public async Task What_a_call_began_is_found_and_cancelled()
    {
        await using var pair = await Pair.Start(http: true, late: Start);
        for (var times = 0; times < 20; times++)
        {
            pair.Line.Refuse(Tool, Unknown);
        }

        var waits = await pair.Here.Take("chief", new { intent = "far.calculator", message = "divide 3 by 4" });

        await pair.Here.Do("cancel_thread", new { thread_id = waits.ThreadId });

        using var patience = new CancellationTokenSource(Channels.Bench.Patience);
        var there = await pair.ThreadsThere();
        while (there is ["calculator pending"])
        {
            patience.Token.ThrowIfCancellationRequested();
            there = await pair.ThreadsThere();
        }

        Assert.Equal(["calculator cancelled"], there);
    }
}
