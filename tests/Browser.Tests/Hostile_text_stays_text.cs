using AgentMcp.Browser.Tests.Driving;
using AgentMcp.Hostile;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentMcp.Browser.Tests;

/// <summary>The texts of the corpus wherever a model, a tool, a person or an agent file can write one, on every page.</summary>
public sealed class Hostile_text_stays_text(Chromium chromium)
{
    // All that the pages make of a text on purpose.
    private const string Marked = "please **do** `it` [there](https://a.example/)\n\n- one\n\n1. two\n\n# three\n\n```\nfour\n```\n";

    // A form drops what no page could hold.
    private static readonly string All = Corpus.Together("\n\n").Replace("\0", "", StringComparison.Ordinal);

    [Fact]
    [Trait("Accepts", "X.4")]
    public async Task No_element_no_attribute_and_no_script_comes_of_it_and_nothing_leaves_the_page()
    {
        HashSet<string> ours = [];
        await using (var harmless = await Gallery.Open(chromium, Marked))
        {
            foreach (var script in new[] { true, false })
            {
                ours.UnionWith((await Visit(harmless, script)).SelectMany(page => page.Parts));
            }
        }

        Assert.Contains("strong", ours);
        Assert.DoesNotContain("img", ours);
        await using var hostile = await Gallery.Open(chromium, All);
        foreach (var script in new[] { true, false })
        {
            foreach (var (name, parts) in await Visit(hostile, script))
            {
                Assert.Equal((name, ""), (name, string.Join(", ", parts.Except(ours))));
            }
        }
    }

    [Fact]
    public async Task What_is_said_with_an_answer_changes_nothing_about_who_gave_it()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        var page = await inbox.Person();
        foreach (var (name, approves) in Corpus.Names.Where(name => Corpus.Text(name).Length < 1_000).Select((name, i) => (name, i % 4 == 0)).Where(one => !Corpus.Text(one.name).Contains('\0')))
        {
            var pending = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
            await page.GotoAsync(inbox.PageOf(pending));
            await page.GetByLabel("Feedback").FillAsync(Corpus.Text(name));
            await page.GetByRole(AriaRole.Button, new() { Name = approves ? "Approve" : "Reject" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = approves ? "Approved" : "Rejected" })).ToBeVisibleAsync();

            var log = await inbox.Server.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
            var answer = log.Json.GetProperty("events").EnumerateArray().Single(one => one.GetProperty("type").GetString() == "request_answered");
            Assert.Equal((name, "local", "inbox", approves), (name, answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("approved").GetBoolean()));
        }
    }

    [Fact]
    public async Task An_argument_cannot_be_made_to_look_like_another_one()
    {
        await using var gallery = await Gallery.Open(chromium, "pay \u202Eelbahs\u202C to bob");
        var page = await gallery.Inbox.Person();
        await page.GotoAsync(gallery.Inbox.Site + gallery.Pages["action"]);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("pay \u27E8U+202E\u27E9elbahs\u27E8U+202C\u27E9 to bob");
    }

    /// <summary>Which elements each page has, and which of them has which attributes. Fails for what ran, was stopped by the policy, or went elsewhere.</summary>
    private static async Task<IReadOnlyList<(string Name, string[] Parts)>> Visit(Gallery gallery, bool script)
    {
        var page = await gallery.Inbox.Person(script: script);
        var broken = new List<string>();
        page.Console += (_, message) => broken.Add(message.Text);
        page.PageError += (_, error) => broken.Add(error);
        page.Dialog += (_, dialog) => broken.Add(dialog.Message);
        page.Popup += (_, popup) => broken.Add(popup.Url);
        page.Request += (_, request) => broken.AddRange(request.Url.StartsWith(gallery.Inbox.Site + "/", StringComparison.Ordinal) ? [] : [request.Url]);
        await page.AddInitScriptAsync("document.addEventListener('securitypolicyviolation', e => console.error(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))");
        var seen = new List<(string, string[])>();
        foreach (var (name, path) in gallery.Pages)
        {
            var reply = await page.GotoAsync(gallery.Inbox.Site + path);
            Assert.Equal((name, name == "not there" ? 404 : 200), (name, reply!.Status));
            Assert.Equal((name, gallery.Inbox.Site + path), (name, page.Url));
            seen.Add((name, await page.EvaluateAsync<string[]>(
                "() => [...document.querySelectorAll('*')].flatMap(one => [one.localName, ...one.getAttributeNames().map(attribute => `${one.localName} ${attribute}`)])")));
            Assert.Equal((name, 0), (name, await page.Locator("a:not([href^='/'], [href^='#'], [href^='?'], [href^='http://'], [href^='https://'])").CountAsync()));
            Assert.False(Corpus.Hides(await page.TitleAsync() + await page.Locator("body").TextContentAsync()), name);
            if (script)
            {
                Assert.Equal((name, false), (name, await page.EvaluateAsync<bool>("'hacked' in window")));
            }
        }

        Assert.Equal([], broken.Where(line => !line.Contains("404", StringComparison.Ordinal)));
        return seen;
    }
}
