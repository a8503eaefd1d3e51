using AgentMcp.Browser.Tests.Driving;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentMcp.Browser.Tests;

public sealed class A_person_decides(Chromium chromium)
{
    [Fact]
    [Trait("Accepts", "F7.4")]
    public async Task Approving_runs_what_was_shown_and_the_log_says_who_and_through_what()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        var page = await inbox.Person();

        await page.GetByRole(AriaRole.Link, new() { Name = "Run divide with a 3, b 4?" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(inbox.PageOf(pending));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Run divide with a 3, b 4?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Approved" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Nothing else waits: back to the list")).ToBeVisibleAsync();
        Assert.Equal("The result is 0.75.", (await inbox.Server.Do("wait_thread", new { thread_id = pending.ThreadId })).Message);
        Assert.Equal(("local", "inbox", true, null), await Answer(inbox, pending.ThreadId));
    }

    [Theory]
    [Trait("Accepts", "A2H.3")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rejecting_with_feedback_lets_the_agent_think_again_with_a_script_and_without(bool script)
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        var page = await inbox.Person(script: script);
        await page.GotoAsync(inbox.PageOf(pending));
        await page.GetByLabel("Feedback").FillAsync("use 5 instead");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reject" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Rejected" })).ToBeVisibleAsync();
        Assert.Equal(("local", "inbox", false, "use 5 instead"), await Answer(inbox, pending.ThreadId));
        await inbox.Server.Do("wait_thread", new { thread_id = pending.ThreadId });
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Its next question" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Run divide with a 3, b 5?");
    }

    [Theory]
    [Trait("Accepts", "P.5")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Arguments_are_changed_shown_as_a_difference_and_only_then_approved(bool script)
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var asked = await Planted.Request(inbox.Database, new(DateTimeOffset.UtcNow, RequestKind.Approval, "Run divide with a 3, b 4?",
            Options: [new("wrong_way", "The wrong way round")], Action: ActionDigest.Bind("divide", JsonText.Parse("""{"a":3,"b":4}""")),
            Changes: JsonText.Parse("""{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number","minimum":1}},"required":["a","b"]}""")));
        var page = await inbox.Person(script: script);
        await page.GotoAsync($"{inbox.Site}/requests/{asked.Request}");
        await page.GetByText("Change arguments first").ClickAsync();
        await Expect(page.GetByLabel("B", new() { Exact = true })).ToHaveValueAsync("4");
        await page.GetByLabel("B", new() { Exact = true }).FillAsync("5");

        // A plain yes does not take changed fields along in passing.
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("You changed arguments.");
        await page.GetByLabel("Feedback", new() { Exact = true }).FillAsync("5 is the right one");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review the changes" }).ClickAsync();
        await Expect(page.Locator(".diff")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^\s*b\s*was 4\s+becomes 5\s*$"));
        Assert.Equal("pending", (await inbox.Server.Do("get_thread", new { thread_id = asked.Thread.Value })).Status);
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve with changes" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Approved with changes" })).ToBeVisibleAsync();
        await Expect(page.Locator(".diff")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^\s*b\s*was 4\s+becomes 5\s*$"));
        var log = await inbox.Server.Do("get_thread", new { thread_id = asked.Thread.Value, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().First(one => one.GetProperty("type").GetString() == "request_answered");
        Assert.Equal(("""{"a":3,"b":5}""", "5 is the right one"), (JsonText.From(answer.GetProperty("arguments")).Text, answer.GetProperty("comment").GetString()));
    }

    [Fact]
    [Trait("Accepts", "A2H.4")]
    public async Task A_prepared_reason_rejects()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var asked = await Planted.Request(inbox.Database, new(DateTimeOffset.UtcNow, RequestKind.Approval, "Run divide with a 3, b 4?",
            Options: [new("wrong_way", "The wrong way round")], Action: ActionDigest.Bind("divide", JsonText.Parse("""{"a":3,"b":4}"""))));
        var page = await inbox.Person();
        await page.GotoAsync($"{inbox.Site}/requests/{asked.Request}");
        await page.GetByLabel("The wrong way round").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reject" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Rejected" })).ToBeVisibleAsync();
        await Expect(page.GetByText("wrong_way")).ToBeVisibleAsync();
    }

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public async Task Who_may_not_answer_sees_who_may()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var asked = await Planted.Request(inbox.Database, new(DateTimeOffset.UtcNow, RequestKind.Question, "Which?", Responders: ["@mia", "@ravi"]));
        var page = await inbox.Person();
        await page.GotoAsync($"{inbox.Site}/requests/{asked.Request}");
        await Expect(page.GetByText("Only @mia or @ravi may answer this; here you are local.")).ToBeVisibleAsync();
        await Expect(page.Locator("form.answer")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_form_that_comes_too_late_is_answered_kindly()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        var page = await inbox.Person(script: false);
        await page.GotoAsync(inbox.PageOf(pending));
        await page.GetByLabel("Feedback").FillAsync("use 5 instead");
        await inbox.Server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true });
        await page.GetByRole(AriaRole.Button, new() { Name = "Reject" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your answer was not recorded");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("use 5 instead");
        await Expect(page.GetByText("by local through an MCP client (HTTP), just now")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Everything_is_done_with_keys_alone()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var first = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        var second = await inbox.Server.Do("calculator", new { message = "divide 6 by 4" });
        var page = await inbox.Person();
        await Ready(page);

        // Down to the older one, into it, and reject it with feedback.
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(inbox.PageOf(first));
        await Ready(page);
        await page.Keyboard.PressAsync("r");
        await page.Keyboard.TypeAsync("just stop here");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Rejected" })).ToBeVisibleAsync();
        Assert.Equal(("local", "inbox", false, "just stop here"), await Answer(inbox, first.ThreadId));

        // The letter that goes to Approve does not approve by itself.
        await page.GotoAsync(inbox.PageOf(second));
        await Ready(page);
        await page.Keyboard.PressAsync("a");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToBeFocusedAsync();
        Assert.Equal("pending", (await inbox.Server.Do("get_thread", new { thread_id = second.ThreadId })).Status);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Approved" })).ToBeVisibleAsync();
        await Ready(page);

        // In one go: the second letter counts for a second and a half only.
        await page.Keyboard.TypeAsync("gt");
        await Expect(page).ToHaveURLAsync(inbox.Site + "/threads");
        await Ready(page);
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("just stop");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);

        await Ready(page);

        // Single keys can be turned off, for those who speak to their computer.
        await page.Keyboard.PressAsync("?");
        await page.GetByLabel("Use single keys as shortcuts").UncheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.TypeAsync("ga");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/threads\\?q=just"));
    }

    [Fact]
    public async Task A_link_from_another_site_opens_the_page_for_who_is_signed_in()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        var page = await inbox.Person();

        // Another host, so another site: a strict cookie is not sent along with what it links to.
        await page.Context.RouteAsync("http://chat.example/**", route => route.FulfillAsync(new() { ContentType = "text/html", Body = $"<a href=\"{inbox.PageOf(pending)}\">Please decide</a>" }));
        await page.GotoAsync("http://chat.example/");
        await page.GetByText("Please decide").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToBeVisibleAsync();

        var stranger = await inbox.Stranger();
        await stranger.Context.RouteAsync("http://chat.example/**", route => route.FulfillAsync(new() { ContentType = "text/html", Body = $"<a href=\"{inbox.PageOf(pending)}\">Please decide</a>" }));
        await stranger.GotoAsync("http://chat.example/");
        await stranger.GetByText("Please decide").ClickAsync();
        await Expect(stranger.GetByRole(AriaRole.Heading, new() { Name = "Please sign in" })).ToBeVisibleAsync();
    }

    /// <summary>The script has run: the keys mean something from now on.</summary>
    private static Task Ready(IPage page) => Expect(page.GetByRole(AriaRole.Button, new() { Name = "Keyboard shortcuts" })).ToBeVisibleAsync();

    private static async Task<(string?, string?, bool?, string?)> Answer(OpenInbox inbox, string thread)
    {
        var log = await inbox.Server.Do("get_thread", new { thread_id = thread, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().Single(one => one.GetProperty("type").GetString() == "request_answered");
        return (answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("approved").GetBoolean(),
            answer.TryGetProperty("comment", out var comment) ? comment.GetString() : null);
    }
}
