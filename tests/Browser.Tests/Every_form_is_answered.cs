using System.Text.Json;
using AgentMcp.Browser.Tests.Driving;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentMcp.Browser.Tests;

public sealed class Every_form_is_answered(Chromium chromium)
{
    [Theory]
    [Trait("Accepts", "A2H.8")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_form_from_the_schema_is_filled_in_corrected_and_sent(bool script)
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var asked = await Planted.Question(inbox.Database, "How should the invoice be sent?", Gallery.Form);
        var page = await inbox.Person(script: script);
        await page.GetByRole(AriaRole.Link, new() { Name = "How should the invoice be sent?" }).ClickAsync();

        await page.GetByLabel("Recipient").FillAsync("Grace <Hopper>");
        await page.GetByLabel("post").CheckAsync();
        await page.GetByLabel("Month").SelectOptionAsync("3");
        await page.GetByLabel("Payable until").FillAsync("2026-12-24");
        await page.GetByLabel("Copies").FillAsync("2");
        await page.GetByLabel("Price").FillAsync("12.50");
        await page.GetByLabel("No", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("urgent").CheckAsync();
        await page.GetByLabel("Details").FillAsync("{\"a\": ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();

        // What was wrong is said beside the field, and nothing that was entered is lost.
        await Expect(page.GetByText("This is not JSON")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Recipient")).ToHaveValueAsync("Grace <Hopper>");
        await Expect(page.GetByLabel("post")).ToBeCheckedAsync();
        await Expect(page.GetByLabel("Month")).ToHaveValueAsync("\"3\"");
        await Expect(page.GetByLabel("urgent")).ToBeCheckedAsync();
        await page.GetByLabel("Details").FillAsync("{\"a\": 1}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Answered" })).ToBeVisibleAsync();
        Assert.Equal("""{"recipient":"Grace <Hopper>","way":"post","month":"3","due":"2026-12-24","copies":2,"price":12.50,"reminder":false,"tags":["urgent"],"details":{"a":1}}""",
            await Response(inbox, asked));
    }

    [Theory]
    [InlineData("options", "Two", "\"two\"")]
    [InlineData("choice", "no", "\"no\"")]
    [InlineData("in doubt", "Run it again", """{"outcome":"run_again"}""")]
    public async Task One_of_the_options_is_chosen(string kind, string option, string response)
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var at = DateTimeOffset.UtcNow;
        var asked = await Planted.Request(inbox.Database, kind switch
        {
            "options" => new(at, RequestKind.Question, "Which?", Options: [new("one"), new("two", "Two", "The second.")]),
            "choice" => new(at, RequestKind.Question, "Which?", Schema: JsonText.Parse("""{"type":"string","enum":["yes","no"]}"""), Options: [new("yes"), new("no")]),
            _ => new(at, RequestKind.InDoubt, "Which?"),
        });
        var page = await inbox.Person();
        await page.GotoAsync($"{inbox.Site}/requests/{asked.Request}");
        await page.GetByRole(AriaRole.Radio, new() { Name = option }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send answer" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Answered" })).ToBeVisibleAsync();
        Assert.Equal(response, await Response(inbox, asked));
    }

    [Fact]
    public async Task A_schema_that_no_form_can_show_is_answered_as_json()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var asked = await Planted.Question(inbox.Database, "Which?", """{"anyOf":[{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]},{"type":"null"}]}""");
        var page = await inbox.Person();
        await page.GotoAsync($"{inbox.Site}/requests/{asked.Request}");
        await page.GetByLabel("Your answer").FillAsync("""{"n": "many"}""");
        await page.GetByLabel("Your answer").PressAsync("Control+Enter");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That does not fit yet: ");
        await page.GetByLabel("Your answer").FillAsync("""{"n": 3}""");
        await page.GetByLabel("Your answer").PressAsync("Control+Enter");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Answered" })).ToBeVisibleAsync();
        Assert.Equal("""{"n":3}""", await Response(inbox, asked));
    }

    private static async Task<string> Response(OpenInbox inbox, Asked asked)
    {
        var log = await inbox.Server.Do("get_thread", new { thread_id = asked.Thread.Value, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().Single(one => one.GetProperty("type").GetString() == "request_answered");
        return JsonText.From(answer.GetProperty("response")).Text;
    }
}
