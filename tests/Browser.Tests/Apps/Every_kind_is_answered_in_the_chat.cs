using AgentMcp.Browser.Tests.Driving;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentMcp.Browser.Tests.Apps;

public sealed class Every_kind_is_answered_in_the_chat(Chromium chromium)
{
    [Fact]
    public async Task A_limit_is_lifted_with_guidance()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await Asking.For(chat, new(DateTimeOffset.UtcNow, RequestKind.Budget, "calculator has taken 10 steps. May it take 10 more?"));

        await chat.View.GetByLabel("Guidance").FillAsync("Only the last page.");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Let it go on" }).ClickAsync();

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Extended", Exact = true })).ToBeVisibleAsync();
        Assert.Equal("Only the last page.", (await chat.Answer(pending)).GetProperty("response").GetString());
    }

    [Fact]
    public async Task A_call_in_doubt_is_said_to_have_happened_with_what_it_returned()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await Asking.For(chat, new(DateTimeOffset.UtcNow, RequestKind.InDoubt, "divide was cut off. What became of it?", Schema: InDoubtAnswer.Schema, Options: InDoubtAnswer.Options));
        await Expect(chat.View.GetByRole(AriaRole.Textbox, new() { Name = "What it returned" })).ToBeHiddenAsync();

        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();
        await Expect(chat.View.GetByText("Choose one.")).ToBeVisibleAsync();
        await chat.View.GetByRole(AriaRole.Radio, new() { Name = "It happened" }).CheckAsync();
        await chat.View.GetByRole(AriaRole.Textbox, new() { Name = "What it returned" }).FillAsync("""{"quotient": 0.75}""");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Answered", Exact = true })).ToBeVisibleAsync();
        Assert.Equal("""{"outcome":"done","result":{"quotient":0.75}}""", (await chat.Answer(pending)).GetProperty("response").GetRawText());
    }

    [Fact]
    public async Task An_offered_choice_can_be_answered_in_other_words()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await Asking.For(chat, new(DateTimeOffset.UtcNow, RequestKind.Question, "Which one?", Options: [new("left"), new("right")]));

        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();
        await Expect(chat.View.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Choose an answer, or write one.");
        await chat.View.GetByLabel("Or in your own words").FillAsync("Neither.");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Answered", Exact = true })).ToBeVisibleAsync();
        Assert.Equal("Neither.", (await chat.Answer(pending)).GetProperty("response").GetString());
    }

    [Fact]
    [Trait("Accepts", "A2H.8")]
    public async Task What_no_form_can_ask_for_is_answered_as_JSON_and_a_misfit_is_explained()
    {
        await using var chat = await Chat.Open(chromium);
        var pending = await Asking.For(chat, new(DateTimeOffset.UtcNow, RequestKind.Question, "Where?", Schema: JsonText.Parse("""
            {"type":"object","anyOf":[{"required":["lat"]},{"required":["city"]}],"properties":{"lat":{"type":"number"},"city":{"type":"string"}}}
            """)));

        await chat.View.GetByLabel("Your answer").FillAsync("Here");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();
        await Expect(chat.View.GetByText("This is not JSON:")).ToBeVisibleAsync();
        await chat.View.GetByLabel("Your answer").FillAsync("""{"lat": "north"}""");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();
        await Expect(chat.View.GetByRole(AriaRole.Alert)).ToContainTextAsync("The response does not fit:");
        await Expect(chat.View.GetByRole(AriaRole.Alert)).Not.ToContainTextAsync("JSON Schema");
        await chat.View.GetByLabel("Your answer").FillAsync("""{"city": "Bern"}""");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Answered", Exact = true })).ToBeVisibleAsync();
        Assert.Equal("""{"city":"Bern"}""", (await chat.Answer(pending)).GetProperty("response").GetRawText());
    }

    [Fact]
    public async Task A_host_that_refuses_to_pass_an_answer_on_leaves_it_to_be_tried_again()
    {
        await using var chat = await Chat.Open(chromium);
        await chat.Call("calculator", new { message = "divide 3 by 4" });
        await chat.Page.EvaluateAsync("() => { chat.tools = chat.appTools; chat.appTools = []; }");

        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(chat.View.GetByRole(AriaRole.Alert)).ToHaveTextAsync("An app may not call answer_request.");
        await chat.Page.EvaluateAsync("() => { chat.appTools = chat.tools; }");
        await chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();

        await Expect(chat.View.GetByText("The result is 0.75.", new() { Exact = true })).ToBeVisibleAsync();
    }
}
