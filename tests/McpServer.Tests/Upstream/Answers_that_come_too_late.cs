using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>A request arrives at the other server, and its answer does not come within mcp_timeout.</summary>
public sealed class Answers_that_come_too_late
{
    private const string Start = "\"agentmcp:thr_";
    private const string HandingOver = "\"resume_thread\"";

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task A_call_waits_and_goes_on_with_the_one_thread_it_began()
    {
        await using var pair = await Pair.Start(http: true, late: Start);
        var asked = await Began(pair);

        Assert.Equal("approval", asked.Kind);
        Assert.Equal("Waits for far.calculator: the MCP server 'far' has not answered within 1 s. It is tried again until it does.",
            (await pair.Here.Events(asked.ThreadId)).First(IsWait).GetProperty("question").GetString());
        Assert.Equal(["calculator pending"], await pair.ThreadsThere());

        var next = await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));

        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.Equal(["calculator completed"], await pair.ThreadsThere());
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.6")]
    public async Task Cancelling_ends_what_the_call_began_there()
    {
        await using var pair = await Pair.Start(http: true, late: Start);
        var thread = (await pair.Here.Take("chief", new { intent = "far.calculator", message = "divide 3 by 4" })).ThreadId;
        Assert.Contains(await pair.Here.Events(thread), IsWait);

        await pair.Here.Do("cancel_thread", new { thread_id = thread });

        var there = await pair.ThreadsThere();
        while (there is ["calculator pending"])
        {
            there = await pair.ThreadsThere();
        }

        Assert.Equal(["calculator cancelled"], there);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task An_answer_is_handed_over_again_and_counts_once()
    {
        await using var pair = await Pair.Start(http: true, late: HandingOver);
        var asked = await pair.Call();

        var next = await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));

        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.Single(await pair.There!.Events(asked.Request.GetProperty("path")[1].GetString()!), happened => happened.GetProperty("type").GetString() == "request_answered");
    }

    private static async Task<Reply> Began(Pair pair) =>
        await pair.Settle(await pair.Here.Take("chief", new { intent = "far.calculator", message = "divide 3 by 4" }));

    private static bool IsWait(System.Text.Json.JsonElement happened) =>
        happened.GetProperty("type").GetString() == "request_opened" && happened.GetProperty("kind").GetString() == "child";
}
