using AgentMcp.Browser.Tests.Driving;
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
        var done = await inbox.Server.Do("wait_thread", new { thread_id = pending.ThreadId });
        Assert.Equal("The result is 0.75.", done.Message);
        var log = await inbox.Server.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().Single(one => one.GetProperty("type").GetString() == "request_answered");
        Assert.Equal(("local", "inbox", true), (answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("approved").GetBoolean()));
    }
}
