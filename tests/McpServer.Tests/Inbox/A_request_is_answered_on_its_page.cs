using System.Net;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

public sealed class A_request_is_answered_on_its_page(SharedServers servers)
{
    private string Database => servers.DatabaseOf(Transport.Http, Ways.Newest);

    [Fact]
    [Trait("Accepts", "F7.4")]
    [Trait("Accepts", "A2H.3")]
    public async Task A_rejection_with_feedback_reaches_the_agent_and_the_log_says_through_what()
    {
        var (server, person) = await Open();
        using var _ = person;
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        using var taken = await person.Answer($"/requests/{pending.RequestId}", ("do", "reject"), ("comment", "use 5 instead"));

        Assert.Equal((HttpStatusCode.SeeOther, $"/requests/{pending.RequestId}"), (taken.StatusCode, taken.Headers.Location?.ToString()));
        var next = await server.Do("wait_thread", new { thread_id = pending.ThreadId });
        Assert.Equal("Run divide with a 3, b 5?", next.Request.GetProperty("question").GetString());
        Assert.Equal(("local", "inbox", false, "use 5 instead"), await Answered(server, pending.ThreadId));
        var page = await person.Page($"/requests/{pending.RequestId}");
        Assert.Contains("<blockquote>use 5 instead</blockquote>", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/requests/{next.RequestId}\" data-next>Its next question", page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "P.4")]
    public async Task A_person_on_the_page_may_answer_what_only_people_may()
    {
        var (server, person) = await Open();
        using var _ = person;
        var step = await server.Do("guarded", new { message = "go" });
        var pending = await server.Do("resume_thread", new { thread_id = step.ThreadId, response = new { intent = "divide", a = 1, b = 2 } });
        Assert.Equal($"{person.Site}/requests/{pending.RequestId}", pending.Request.GetProperty("inbox_url").GetString());
        Assert.Equal($"Only a person may answer this. Tell the user to open {person.Site}/requests/{pending.RequestId} or to run: agentmcp answer {pending.ThreadId} "
            + $"(there they can approve, reject or respond). Then call wait_thread with thread_id \"{pending.ThreadId}\".", pending.Next);

        using var taken = await person.Answer($"/requests/{pending.RequestId}", ("do", "approve"));

        Assert.Equal(HttpStatusCode.SeeOther, taken.StatusCode);
        Assert.Equal(("local", "inbox", true, null), await Answered(server, pending.ThreadId));
    }

    [Fact]
    public async Task Whoever_comes_second_is_told_kindly_who_was_first_and_keeps_their_words()
    {
        var (server, person) = await Open();
        using var _ = person;
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var token = await person.Token();
        await server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true, wait_seconds = 30 });

        using var late = await person.Post($"/requests/{pending.RequestId}", ("token", token), ("do", "reject"), ("comment", "use 5 <instead>"));

        var page = await late.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains("Your answer was not recorded: the request was settled before it arrived.", page, StringComparison.Ordinal);
        Assert.Contains("by <strong>local</strong> through an MCP client (HTTP), <time", page, StringComparison.Ordinal);
        Assert.Contains("<blockquote>use 5 &lt;instead&gt;</blockquote>", page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "A2H.8")]
    public async Task Words_that_are_missing_are_asked_for_and_the_request_stays_open()
    {
        var (server, person) = await Open();
        using var _ = person;
        var asked = await server.Do("calculator", new { message = "hello" });

        using var empty = await person.Answer($"/requests/{asked.RequestId}", ("do", "respond"), ("words", "   "));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.StatusCode);
        Assert.Contains("Write an answer first.", await empty.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(asked.Version, (await server.Do("get_thread", new { thread_id = asked.ThreadId })).Version);

        using var taken = await person.Answer($"/requests/{asked.RequestId}", ("do", "respond"), ("words", "add 1 and 2"));
        Assert.Equal("The result is 3.", (await server.Do("wait_thread", new { thread_id = asked.ThreadId })).Message);
    }

    [Fact]
    public async Task What_is_not_there_is_said_to_be_missing()
    {
        var (server, person) = await Open();
        using var _ = person;
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        foreach (var path in new[] { "/requests/nonsense", $"/requests/{pending.RequestId[..^1]}1", $"/requests/{pending.RequestId}9", "/threads/nonsense", $"/threads/{pending.ThreadId}/steps/3", "/agents/nobody" })
        {
            using var reply = await person.Get(path);
            Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        }
    }

    private async Task<(RunningServer Server, Visitor Person)> Open()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        return (server, await Visitor.SignedIn(server.Url!, Database));
    }

    private static async Task<(string?, string?, bool?, string?)> Answered(RunningServer server, string thread)
    {
        var log = await server.Do("get_thread", new { thread_id = thread, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().Last(one => one.GetProperty("type").GetString() == "request_answered");
        return (answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("approved").GetBoolean(),
            answer.TryGetProperty("comment", out var comment) && comment.ValueKind != JsonValueKind.Null ? comment.GetString() : null);
    }
}
