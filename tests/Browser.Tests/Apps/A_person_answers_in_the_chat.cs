using System.Text.Json;
using AgentMcp.Browser.Tests.Driving;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentMcp.Browser.Tests.Apps;

public sealed class A_person_answers_in_the_chat(Chromium chromium)
{
    [Fact]
    [Trait("Accepts", "F7.4")]
    public async Task Approving_runs_what_was_shown_and_the_model_learns_what_followed()
    {
        await using var chat = await Chat.Open(chromium);
        await chat.Deliver(new { message = "divide 3 by 4" }, null);
        await Expect(chat.View.GetByText("The agent is working…")).ToBeVisibleAsync();
        var pending = await chat.Call("calculator", new { message = "divide 3 by 4" });

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Run divide with a 3, b 4?");
        await Expect(chat.View.Locator(".panel dd")).ToHaveTextAsync(["3", "4"]);
        await chat.Picture("card-approval-light");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();

        await Expect(chat.View.GetByText("The result is 0.75.", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Approved", Exact = true })).ToBeFocusedAsync();
        await chat.Picture("card-approved-light");
        var answer = await chat.Answer(pending);
        Assert.Equal(("local", "app", true), (answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("approved").GetBoolean()));
        var told = (await chat.Heard("ui/update-model-context"))[^1].GetProperty("params").GetProperty("content")[0].GetProperty("text").GetString()!;
        Assert.StartsWith("Answered by the person in the card. calculator (built-in rules, no model) is done. The result is 0.75.", told, StringComparison.Ordinal);
        Assert.Equal(["ui/initialize", "ui/notifications/initialized"], (await chat.Page.EvaluateAsync<string[]>("() => chat.heard.map(message => message.method)")).Take(2));
        Assert.Empty(chat.Outside);
    }

    [Fact]
    [Trait("Accepts", "P.4")]
    public async Task Rejecting_with_feedback_makes_the_agent_ask_again_in_the_same_card()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await chat.Call("calculator", new { message = "divide 3 by 4" });

        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Reject…" }).ClickAsync();
        await Expect(chat.View.GetByLabel("Feedback")).ToBeFocusedAsync();
        await chat.View.GetByLabel("Feedback").FillAsync("use 5 instead of 4");
        await chat.Picture("card-reject-light");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Reject" }).ClickAsync();

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Run divide with a 3, b 5?");
        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Rejected", Exact = true })).ToBeVisibleAsync();
        await chat.Picture("card-asked-again-light");
        var answer = await chat.Answer(pending);
        Assert.Equal((false, "use 5 instead of 4"), (answer.GetProperty("approved").GetBoolean(), answer.GetProperty("comment").GetString()));
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(chat.View.GetByText("The result is 0.6.", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    [Trait("Accepts", "P.5")]
    public async Task Approving_with_changes_shows_what_differs_before_and_after()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await chat.Divide("careful", 3, 0);
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Change…" }).ClickAsync();
        var approve = chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve with these changes" });

        await approve.ClickAsync();
        await Expect(chat.View.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Nothing is changed. To approve it as it is, go back.");
        await chat.View.GetByLabel("Arguments").FillAsync("""{"a": 3, "b": "four"}""");
        await approve.ClickAsync();
        await Expect(chat.View.GetByRole(AriaRole.Alert)).ToContainTextAsync("The changed arguments do not fit:");
        await chat.View.GetByLabel("Arguments").FillAsync("""{"a": 3, "b": 4}""");
        await Expect(chat.View.Locator("del, ins")).ToHaveTextAsync(["  \"b\": 0", "  \"b\": 4"]);
        await chat.Picture("card-changes-light");
        await approve.ClickAsync();

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Approved with changes", Exact = true })).ToBeVisibleAsync();
        await Expect(chat.View.Locator(".settled del, .settled ins")).ToHaveTextAsync(["  \"b\": 0", "  \"b\": 4"]);
        await Expect(chat.View.GetByText("careful waits for the assistant to choose its next step.")).ToBeVisibleAsync();
        Assert.Equal("""{"a":3,"b":4}""", (await chat.Answer(pending)).GetProperty("arguments").GetRawText());
    }

    [Fact]
    [Trait("Accepts", "F6.8")]
    public async Task Somebody_who_answered_elsewhere_is_named_kindly_and_their_answer_stands()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await chat.Call("calculator", new { message = "divide 3 by 4" });
        await Expect(chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToBeVisibleAsync();
        // Otherwise that look may already see the answer, and no button is left to press.
        await chat.LookedAgain;
        await chat.Server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = false, comment = "not today" });

        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();

        await Expect(chat.View.GetByText("Somebody else has answered in the meantime; that answer stands.")).ToBeVisibleAsync();
        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Rejected", Exact = true })).ToBeVisibleAsync();
        await Expect(chat.View.GetByText("“not today”")).ToBeVisibleAsync();
        await chat.Picture("card-elsewhere-light");
    }

    [Fact]
    public async Task An_old_result_shown_again_finds_out_that_it_was_answered()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await chat.Server.Do("calculator", new { message = "divide 3 by 4" });
        await chat.Server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true });

        await chat.Deliver(new { message = "divide 3 by 4" }, pending.Result);

        await Expect(chat.View.GetByText("The result is 0.75.", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToHaveCountAsync(0);
    }

    [Fact]
    [Trait("Accepts", "A2H.8")]
    public async Task A_form_is_made_from_the_schema_and_says_what_is_missing()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await Asking.Form(chat);
        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("How should the invoice for the workshop be sent?");

        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();
        await Expect(chat.View.GetByLabel("Recipient")).ToBeFocusedAsync();
        await chat.View.GetByLabel("Recipient").FillAsync("Ada Lovelace");
        await chat.View.GetByRole(AriaRole.Radio, new() { Name = "post" }).CheckAsync();
        await chat.View.GetByLabel("Payable until").FillAsync("2026-12-24");
        await chat.View.GetByLabel("Copies").FillAsync("two");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();
        await Expect(chat.View.GetByText("This must be a whole number.").First).ToBeVisibleAsync();
        await chat.Picture("card-form-light");
        await chat.View.GetByLabel("Copies").FillAsync("2");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Answered", Exact = true })).ToBeVisibleAsync();
        Assert.Equal("""{"recipient":"Ada Lovelace","way":"post","due":"2026-12-24","copies":2}""", (await chat.Answer(pending)).GetProperty("response").GetRawText());
    }

    [Fact]
    [Trait("Accepts", "F7.2")]
    public async Task A_choice_is_made_without_a_mouse()
    {
        await using var chat = await Chat.Open(chromium);
        var start = await chat.Server.Do("careful", new { message = "go" });
        var pending = await chat.Call("resume_thread", new
        {
            thread_id = start.ThreadId,
            response = new { intent = "request_human_input", question = "Which?", context = "There are two.", options = new { format = "multiple_choice", choices = new[] { "one", "two" } } },
        });

        await chat.View.GetByRole(AriaRole.Radio, new() { Name = "one" }).FocusAsync();
        await chat.Page.Keyboard.PressAsync("Space");
        await chat.Page.Keyboard.PressAsync("ArrowDown");
        await chat.Page.Keyboard.PressAsync("Tab");
        await chat.Page.Keyboard.PressAsync("Enter");

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Answered", Exact = true })).ToBeVisibleAsync();
        Assert.Equal("two", (await chat.Answer(pending)).GetProperty("response").GetString());
    }

    [Fact]
    [Trait("Accepts", "P.3")]
    public async Task What_only_a_person_may_approve_is_approved_with_the_keyboard()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await chat.Divide("guarded", 3, 4);

        await chat.Press("Reject…");
        await Expect(chat.View.GetByLabel("Feedback")).ToBeFocusedAsync();
        await chat.Page.Keyboard.PressAsync("Escape");
        await Expect(chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToBeFocusedAsync();
        await chat.Page.Keyboard.PressAsync("Enter");

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Approved", Exact = true })).ToBeVisibleAsync();
        Assert.Equal("app", (await chat.Answer(pending)).GetProperty("channel").GetString());
    }
}
