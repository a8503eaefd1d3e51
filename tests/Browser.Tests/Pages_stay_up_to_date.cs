using AgentMcp.Browser.Tests.Driving;
using AgentMcp.Server.Tests.Running;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentMcp.Browser.Tests;

public sealed class Pages_stay_up_to_date(Chromium chromium)
{
    [Fact]
    public async Task A_new_request_appears_with_its_count_in_the_title_and_goes_when_it_is_answered()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var page = await inbox.Person();
        await Expect(page.GetByText("Nothing waits for you.")).ToBeVisibleAsync();
        await Expect(page).ToHaveTitleAsync("Pending · AgentMcp");

        var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Run divide with a 3, b 4?" })).ToBeVisibleAsync();
        await Expect(page).ToHaveTitleAsync("(1) Pending · AgentMcp");

        await inbox.Server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true });
        await Expect(page.GetByText("Nothing waits for you.")).ToBeVisibleAsync();
        await Expect(page).ToHaveTitleAsync("Pending · AgentMcp");
    }

    [Fact]
    public async Task A_second_tab_hears_of_it_too_and_goes_on_when_the_first_is_closed()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var first = await inbox.Person();
        var second = await first.Context.NewPageAsync();
        await second.GotoAsync(inbox.Site + "/threads");
        await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        await Expect(second).ToHaveTitleAsync("(1) Threads · AgentMcp");

        await first.CloseAsync();
        await inbox.Server.Do("calculator", new { message = "divide 3 by 5" });
        await Expect(second).ToHaveTitleAsync("(2) Threads · AgentMcp");
    }

    [Fact]
    [Trait("Accepts", "A2H.2")]
    public async Task When_another_process_answers_first_the_page_says_who_and_keeps_what_was_being_written()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        var page = await inbox.Person();
        await page.GotoAsync(inbox.PageOf(pending));
        await page.GetByLabel("Feedback").FillAsync("use 5 instead");

        using var command = RunningServer.Launch(["answer", pending.ThreadId, "--approve"], inbox.Database);
        await command.WaitForExitAsync(TestContext.Current.CancellationToken);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Approved" })).ToBeVisibleAsync();
        await Expect(page.GetByText("by local through the terminal, just now")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("You had written:use 5 instead");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Reject" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_is_being_written_the_focus_and_what_was_opened_stay_through_an_update()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        var page = await inbox.Person();
        await page.GotoAsync(inbox.PageOf(pending));
        await page.GetByText("Exact arguments and digest").ClickAsync();
        await page.GetByLabel("Feedback").PressSequentiallyAsync("half a sen");

        await inbox.Server.Do("calculator", new { message = "divide 3 by 5" });
        await Expect(page).ToHaveTitleAsync("(2) Run divide with a 3, b 4? · AgentMcp");
        await page.Keyboard.TypeAsync("tence");

        await Expect(page.GetByLabel("Feedback")).ToHaveValueAsync("half a sentence");
        await Expect(page.GetByText("sha256:")).ToBeVisibleAsync();
    }
}
