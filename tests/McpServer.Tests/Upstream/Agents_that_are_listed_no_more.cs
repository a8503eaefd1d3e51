using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>Two real servers: chief, here, waits for what the calculator there asks, and no longer lists it.</summary>
public sealed class Agents_that_are_listed_no_more
{
    [Theory]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "R.11")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_they_had_asked_is_answered_on_either_side(bool here)
    {
        await using var pair = await Pair.Start(http: true);
        var asked = await pair.Call();
        await pair.Edit("");

        await (here ? pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true })
            : pair.There!.Do("resume_thread", new { thread_id = asked.Request.GetProperty("path")[1].GetString()!, approved = true }));
        var next = await pair.Until(asked.ThreadId, reply => reply.Kind is not ("approval" or "child"));

        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.StartsWith("chief has changed since this thread began.", next.Request.GetProperty("question").GetString());
    }
}
