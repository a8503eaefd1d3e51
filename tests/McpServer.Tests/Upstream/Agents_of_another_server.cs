using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>Two real servers: chief, here, calls worker, there, whose steps the test chooses as well.</summary>
public sealed class Agents_of_another_server
{
    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "P.2")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_asked_there_is_shown_and_answered_here(bool http)
    {
        await using var pair = await Pair.Start(http);
        var asked = await pair.Call();

        Assert.Equal(("approval", "divide"), (asked.Kind, asked.Request.GetProperty("action").GetProperty("tool").GetString()));
        var request = asked.Request;
        Assert.Equal("""{"a":3,"b":4}""", request.GetProperty("action").GetProperty("arguments").GetRawText());
        Assert.StartsWith("sha256:", request.GetProperty("action").GetProperty("digest").GetString());
        var path = request.GetProperty("path").EnumerateArray().Select(thread => thread.GetString()!).ToList();
        Assert.Equal(asked.ThreadId, path[0]);
        Assert.Equal(2, path.Count);

        var next = await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));

        Assert.Equal("next_step", next.Kind);
        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.DoesNotContain("thr_", next.Request.GetProperty("context").GetString());
    }

    [Fact]
    [Trait("Accepts", "D.6")]
    public async Task Answered_there_it_goes_on_here()
    {
        await using var pair = await Pair.Start(http: true);
        var asked = await pair.Call();
        var there = asked.Request.GetProperty("path")[1].GetString()!;

        await pair.There!.Do("resume_thread", new { thread_id = there, approved = true });
        var next = await pair.Until(asked.ThreadId, reply => reply.Kind == "next_step");

        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
    }

    [Fact]
    [Trait("Accepts", "F8.3")]
    [Trait("Accepts", "R.9")]
    public async Task A_no_from_here_is_a_no_there()
    {
        await using var pair = await Pair.Start(http: true);
        var asked = await pair.Call();
        var there = asked.Request.GetProperty("path")[1].GetString()!;

        await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, approved = false, comment = "use 5" });
        await pair.Until(asked.ThreadId, reply => reply.Kind != "child");

        var answered = await pair.There!.Last(there, "request_answered");
        Assert.Equal((false, "use 5"), (answered.GetProperty("approved").GetBoolean(), answered.GetProperty("comment").GetString()));
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.6")]
    public async Task Cancelling_here_cancels_there()
    {
        await using var pair = await Pair.Start(http: true);
        var asked = await pair.Call();
        var there = asked.Request.GetProperty("path")[1].GetString()!;

        await pair.Here.Do("cancel_thread", new { thread_id = asked.ThreadId, reason = "changed my mind" });

        var ended = await pair.There!.Do("get_thread", new { thread_id = there });
        while (ended.Status == "pending")
        {
            ended = await pair.There.Do("wait_thread", new { thread_id = there, wait_seconds = 0.2 });
        }

        Assert.Equal("cancelled", ended.Status);
    }

    [Fact]
    [Trait("Accepts", "P.2")]
    [Trait("Accepts", "P.3")]
    public async Task What_only_a_person_there_may_answer_is_refused_here_with_the_page_there()
    {
        await using var pair = await Pair.Start(http: true, approvals: "human");
        var asked = await pair.Call();

        Assert.Equal("human", asked.Request.GetProperty("answerable_by").GetString());
        var page = asked.Request.GetProperty("inbox_url").GetString()!;
        Assert.StartsWith(pair.There!.Url!.GetLeftPart(UriPartial.Authority), page);
        Assert.Contains(page, asked.Next);
        Assert.Equal($"human_required: {asked.RequestId} can only be answered where it was asked, at {page}, and this attempt was recorded. Tell the person; then call wait_thread.".ToLowerInvariant(),
            (await pair.Here.Refusal("resume_thread", new { thread_id = asked.ThreadId, approved = true })).ToLowerInvariant());
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task While_the_other_side_is_down_an_answer_waits_and_is_not_lost()
    {
        await using var pair = await Pair.Start(http: true);
        var asked = await pair.Call();
        await pair.StopThere();

        var waiting = await pair.Until((await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true, wait_seconds = 0 })).ThreadId, reply => reply.Kind == "child");
        Assert.Contains("It is tried again until the server is there.", waiting.Request.GetProperty("question").GetString());

        await pair.StartThere();
        var next = await pair.Until(asked.ThreadId, reply => reply.Kind == "next_step");
        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());

        // However often it was looked for meanwhile, the log says once that it was away.
        Assert.Equal(["request_opened", "request_answered", "tool_started", "request_opened", "request_withdrawn", "tool_started", "tool_returned", "request_opened"],
            (await pair.Here.Events(next.ThreadId)).Select(happened => happened.GetProperty("type").GetString()!).Skip(5));
    }
}
