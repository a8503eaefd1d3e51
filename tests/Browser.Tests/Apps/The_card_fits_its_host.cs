using System.Text.Json;
using AgentMcp.Browser.Tests.Driving;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentMcp.Browser.Tests.Apps;

public sealed class The_card_fits_its_host(Chromium chromium)
{
    private const string Background = "() => getComputedStyle(document.documentElement).backgroundColor";

    [Fact]
    public async Task It_takes_the_theme_and_the_colours_of_the_host_and_follows_when_they_change()
    {
        await using var chat = await Chat.Open(chromium, styles: new { variables = new Dictionary<string, string> { ["--color-background-primary"] = "light-dark(#fffdf5, #101418)" } });
        await Asking.Deploy(chat);
        await Expect(chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToBeVisibleAsync();
        Assert.Equal("rgb(255, 253, 245)", await chat.Frame.EvaluateAsync<string>(Background));

        await chat.Tell("ui/notifications/host-context-changed", new { theme = "dark" });
        await Expect(chat.View.Locator("html")).ToHaveCSSAsync("background-color", "rgb(16, 20, 24)");
        await chat.Tell("ui/notifications/host-context-changed", new { styles = new { variables = new Dictionary<string, string> { ["--color-background-primary"] = "#222222", ["color"] = "red" } } });
        await Expect(chat.View.Locator("html")).ToHaveCSSAsync("background-color", "rgb(34, 34, 34)");
        Assert.Empty(chat.Outside);
    }

    [Theory]
    [InlineData("light", false)]
    [InlineData("dark", false)]
    [InlineData("light", true)]
    [InlineData("dark", true)]
    public async Task Everybody_can_use_it_in_light_and_dark_on_a_screen_and_on_a_phone(string theme, bool phone)
    {
        await using var chat = await Chat.Open(chromium, theme, phone);
        await Asking.Deploy(chat);
        await Checked("deploy");
        await chat.View.GetByText("Details").ClickAsync();
        await chat.Press("Reject…");
        await Checked("deploy-reject");
        await chat.Press("Back");
        await chat.Press("Change…");
        await chat.View.GetByLabel("Arguments").FillAsync("""{"tag":"v1.4.1","commit":"8c1f2aa","message":"Release v1.4.1","checks":{"tests":"passed","required":true}}""");
        await Checked("deploy-change");
        await chat.Press("Back");
        await chat.Press("Reject…");
        await chat.View.GetByRole(AriaRole.Radio, new() { Name = "Not now" }).CheckAsync();
        await chat.View.GetByLabel("Feedback").FillAsync("Ask again on Monday.");
        await chat.Press("Reject");
        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Name = "Rejected", Exact = true })).ToBeVisibleAsync();
        await Checked("deploy-rejected");
        Assert.Empty(chat.Outside);

        async Task Checked(string name)
        {
            Assert.Empty(await Axe.Findings(chat.Frame));
            Assert.True(await chat.Frame.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"), $"{name} is wider than its frame");
            await chat.Picture($"card-{name}-{theme}{(phone ? "-phone" : "")}");
        }
    }

    [Fact]
    public async Task A_question_with_every_kind_of_field_can_be_used_by_everybody()
    {
        await using var chat = await Chat.Open(chromium, "dark", phone: true);
        await Asking.Form(chat);

        Assert.Empty(await Axe.Findings(chat.Frame));
        await chat.Picture("card-form-dark-phone");
    }

    [Fact]
    public async Task It_says_how_high_it_is_whenever_that_changes()
    {
        await using var chat = await Chat.Open(chromium);
        await Asking.Deploy(chat);
        await Expect(chat.View.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToBeVisibleAsync();
        await chat.Page.WaitForFunctionAsync("() => document.getElementById('view').clientHeight > 300");

        await chat.View.GetByText("Details").ClickAsync();

        var before = (await chat.Heard("ui/notifications/size-changed"))[^1].GetProperty("params").GetProperty("height").GetInt32();
        await chat.Page.WaitForFunctionAsync("before => chat.heard.findLast(message => message.method === 'ui/notifications/size-changed').params.height >= before", before);
        await chat.Page.WaitForFunctionAsync("() => document.getElementById('view').clientHeight >= chat.heard.findLast(message => message.method === 'ui/notifications/size-changed').params.height");
        Assert.All(await chat.Heard("ui/notifications/size-changed"), size => Assert.True(size.GetProperty("params").GetProperty("width").GetInt32() > 0));
    }

    [Fact]
    public async Task A_host_that_passes_on_no_calls_gets_a_card_to_read()
    {
        await using var chat = await Chat.Open(chromium, capabilities: new { });
        await chat.Call("calculator", new { message = "divide 3 by 4" });

        await Expect(chat.View.GetByText("It cannot be answered here. Tell the assistant what you decide.")).ToBeVisibleAsync();
        await Expect(chat.View.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task It_answers_what_a_host_asks_and_ends_in_peace()
    {
        await using var chat = await Chat.Open(chromium);

        foreach (var method in new[] { "ping", "ui/resource-teardown", "tools/list" })
        {
            await chat.Page.EvaluateAsync("method => chat.ask(method, method)", method);
        }

        await chat.Page.WaitForFunctionAsync("() => chat.heard.some(message => message.id === 'tools/list')");
        Assert.Equal(["ping {}", "ui/resource-teardown {}", "tools/list -32601"], await chat.Page.EvaluateAsync<string[]>(
            "() => chat.heard.filter(message => message.method === undefined).map(message => `${message.id} ${message.result ? JSON.stringify(message.result) : message.error.code}`)"));
    }

    [Fact]
    [Trait("Accepts", "A2H.6")]
    public async Task Hostile_text_is_only_ever_text()
    {
        const string Hostile = "<img src=x onerror=\"parent.postMessage('x','*')\"><script>document.title='taken'</script> {{policy}} \u202Eevil\u2066 $&";
        await using var chat = await Chat.Open(chromium);
        await Asking.For(chat, new(DateTimeOffset.UtcNow, RequestKind.Approval, Hostile, "</main></p>\n" + Hostile,
            Options: [new("a", Hostile, Hostile)],
            Action: ActionDigest.Bind("tool", JsonText.Parse(JsonSerializer.Serialize(new Dictionary<string, object> { ["__proto__"] = Hostile, [Hostile] = new[] { Hostile, "javascript:alert(1)" } }))),
            Changes: JsonText.Parse("""{"type":"object"}""")));
        await chat.Press("Change…");
        await chat.Press("Back");
        await chat.Press("Reject…");

        await Expect(chat.View.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile.Replace("\u202E", "⟨U+202E⟩", StringComparison.Ordinal).Replace("\u2066", "⟨U+2066⟩", StringComparison.Ordinal));
        Assert.Equal(0, await chat.View.Locator("img, iframe, a, link, object, main script").CountAsync());
        Assert.Equal("Request", await chat.Frame.TitleAsync());
        Assert.Empty(chat.Outside);
        await chat.Picture("card-hostile-light");
    }
}
