using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The first request of a call begins a thread at the other server, which then says that it cannot say.</summary>
public sealed class Starts_whose_answer_is_none
{
    private const string Start = "\"agentmcp:thr_";
    private const string Unavailable = """ "result":{"content":[{"type":"text","text":"unavailable: the disk is full"}],"isError":true} """;
    private const string Broken = """ "error":{"code":-32603,"message":"an internal error"} """;

    [Theory]
    [InlineData(Unavailable)]
    [InlineData(Broken)]
    [Trait("Accepts", "D.5")]
    public async Task Are_waited_for_and_gone_on_with(string said)
    {
        await using var pair = await Pair.Start(http: true, line: true);

        pair.Line.Refuse(Start, said, arrives: true);
        var asked = await pair.Settle(await pair.Here.Take("chief", new { intent = "far.calculator", message = "divide 3 by 4" }));

        Assert.Equal(("approval", 0), (asked.Kind, pair.Line.Refusals));
        Assert.Equal(["calculator pending"], await pair.ThreadsThere());

        var next = await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));

        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.DoesNotContain(await pair.Here.Events(next.ThreadId), happened => happened.GetProperty("type").GetString() == "tool_failed");
        Assert.Equal(["calculator completed"], await pair.ThreadsThere());
    }

    [Theory]
    [InlineData(Unavailable)]
    [InlineData(Broken)]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.6")]
    public async Task Are_cancelled_with_the_call(string said)
    {
        await using var pair = await Pair.Start(http: true, line: true);
        pair.Line.Refuse(Start, said, arrives: true);
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
