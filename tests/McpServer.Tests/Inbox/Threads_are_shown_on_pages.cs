using System.Net;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

public sealed class Threads_are_shown_on_pages(SharedServers servers)
{
    private string Database => servers.DatabaseOf(Transport.Http, Ways.Newest);

    [Fact]
    [Trait("Accepts", "F2.2")]
    public async Task The_exact_prompt_and_reply_of_a_step_can_be_read()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = await Visitor.SignedIn(server.Url!, Database);
        var done = await server.Do("calculator", new { message = "multiply 3 and 4" });

        var thread = WebUtility.HtmlDecode(await person.Page($"/threads/{done.ThreadId}"));
        Assert.Contains("Chose multiply (rules)", thread, StringComparison.Ordinal);
        Assert.Contains($"/threads/{done.ThreadId}/steps/2", thread, StringComparison.Ordinal);
        var step = WebUtility.HtmlDecode(await person.Page($"/threads/{done.ThreadId}/steps/2"));
        Assert.Contains("You are calculator. You work out what the person asked for", step, StringComparison.Ordinal);
        Assert.Contains("<message_received>\nmessage: multiply 3 and 4\n</message_received>", step, StringComparison.Ordinal);
        Assert.Contains("<h3><code>multiply</code></h3>", step, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thread_is_cancelled_forked_spoken_to_and_downloaded()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = await Visitor.SignedIn(server.Url!, Database);
        var done = await server.Do("calculator", new { message = "multiply 3 and 4" });

        using (await person.Answer($"/threads/{done.ThreadId}/message", ("words", "divide that by 5")))
        {
            var next = await server.Do("wait_thread", new { thread_id = done.ThreadId });
            Assert.Equal("Run divide with a 12, b 5?", next.Request.GetProperty("question").GetString());
        }

        using var forked = await person.Answer($"/threads/{done.ThreadId}/fork", ("at", "1"));
        var copy = forked.Headers.Location!.ToString()["/threads/".Length..];
        Assert.NotEqual(done.ThreadId, copy);
        Assert.Equal("The result is 12.", (await server.Do("wait_thread", new { thread_id = copy })).Message);

        using (await person.Answer($"/threads/{done.ThreadId}/cancel", ("reason", "no longer needed")))
        {
            var cancelled = await server.Do("get_thread", new { thread_id = done.ThreadId });
            Assert.Equal(("cancelled", "calculator (built-in rules, no model) was cancelled: no longer needed"), (cancelled.Status, cancelled.Sentence));
        }

        using var download = await person.Get($"/threads/{copy}/log.json");
        Assert.Equal("attachment", download.Content.Headers.ContentDisposition!.DispositionType);
        var log = JsonElement.Parse(await download.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((copy, "completed"), (log.GetProperty("thread_id").GetString(), log.GetProperty("status").GetString()));
        Assert.Equal("thread_started", log.GetProperty("events")[0].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_word_to_a_completed_thread_answers_nothing_that_is_asked_by_then(bool withVersion)
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = await Visitor.SignedIn(server.Url!, Database);
        var done = await server.Do("calculator", new { message = "multiply 3 and 4" });
        var page = await person.Page($"/threads/{done.ThreadId}");
        var seen = page.Split("name=\"seen\" value=\"")[1].Split('"')[0];
        var asking = await server.Do("resume_thread", new { thread_id = done.ThreadId, response = "divide that by 5", wait_seconds = 30 });
        Assert.Equal("pending", asking.Status);

        using var late = await person.Answer($"/threads/{done.ThreadId}/message", [("words", "thanks, looks fine"), .. withVersion ? [("seen", seen)] : Array.Empty<(string, string)>()]);

        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains("The thread has moved on since you saw it, and what you said was not recorded.", await late.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(asking.Json.GetProperty("version").GetInt32(), (await server.Do("get_thread", new { thread_id = done.ThreadId })).Json.GetProperty("version").GetInt32());

        // One that went on and is done again is not what the page showed either.
        await server.Do("resume_thread", new { thread_id = done.ThreadId, approved = true, wait_seconds = 30 });
        using var older = await person.Answer($"/threads/{done.ThreadId}/message", ("words", "thanks"), ("seen", seen));
        Assert.Equal(HttpStatusCode.Conflict, older.StatusCode);
    }

    [Fact]
    public async Task Threads_are_found_by_what_was_said_in_them_and_by_their_id()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = await Visitor.SignedIn(server.Url!, Database);
        var needle = await server.Do("calculator", new { message = "what is \"100%_sure\" about 3?" });
        await server.Do("calculator", new { message = "what is 100 percent sure about 3?" });

        var found = await person.Page($"/threads?q={Uri.EscapeDataString("\"100%_SURE\"")}");
        Assert.Equal([needle.ThreadId], System.Text.RegularExpressions.Regex.Matches(found, "href=\"/threads/(thr_[0-9a-f]+)\"").Select(link => link.Groups[1].Value));
        foreach (var id in new[] { needle.ThreadId, needle.RequestId })
        {
            using var jump = await person.Get($"/threads?q={id}");
            Assert.Equal((HttpStatusCode.SeeOther, $"/threads/{needle.ThreadId}"), (jump.StatusCode, jump.Headers.Location?.ToString()));
        }
    }

    [Fact]
    public async Task An_agent_is_shown_with_its_schemas_prompt_tools_and_gates()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = await Visitor.SignedIn(server.Url!, Database);
        Assert.Contains("cannot be named &#x27;get_thread&#x27;", await person.Page("/agents"), StringComparison.Ordinal);
        var page = WebUtility.HtmlDecode(await person.Page("/agents/puppet"));
        Assert.Contains("<h1>puppet</h1>", page, StringComparison.Ordinal);
        Assert.Contains("You are puppet.", page, StringComparison.Ordinal);
        Assert.Matches("""<code>multiply</code></th><td>changes nothing</td>\s*<td><span class="badge question">done by a person</span></td>""", page);
        Assert.Matches("""<code>divide</code></th><td>changes nothing</td>\s*<td><span class="badge approval">approval</span></td>""", page);
        Assert.Contains("\"minLength\": 1", page, StringComparison.Ordinal);
    }
}
