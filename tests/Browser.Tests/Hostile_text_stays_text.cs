using AgentMcp.Browser.Tests.Driving;
using Microsoft.Playwright;

namespace AgentMcp.Browser.Tests;

public sealed class Hostile_text_stays_text(Chromium chromium)
{
    private const string Hostile =
        "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>\"'><svg onload=window.hacked=1></textarea></title><b id=injected>"
        + " [click](javascript:window.hacked=1) [ok](https://evil.example/\"onmouseover=\"x) `</code><i id=injected>` **<u id=injected>** {{7*7}} &lt;b id=injected&gt; \u202Egnp.exe\u0000";

    [Fact]
    [Trait("Accepts", "X.4")]
    public async Task Nothing_that_a_model_or_a_person_wrote_becomes_markup_or_runs_on_any_page()
    {
        await using var gallery = await Gallery.Open(chromium, Hostile.Replace("\u0000", "", StringComparison.Ordinal));
        foreach (var script in new[] { true, false })
        {
            var page = await gallery.Inbox.Person(script: script);
            var broken = new List<string>();
            page.Console += (_, message) => broken.Add(message.Text);
            page.Dialog += (_, dialog) => broken.Add(dialog.Message);
            page.Request += (_, request) => broken.AddRange(request.Url.StartsWith(gallery.Inbox.Site, StringComparison.Ordinal) ? [] : [request.Url]);
            foreach (var (name, path) in gallery.Pages)
            {
                await page.GotoAsync(gallery.Inbox.Site + path);
                Assert.Equal((name, 0), (name, await page.Locator("#injected, main img, main script, main svg[onload], a[href^='javascript:'], [onmouseover], [onerror]").CountAsync()));
                if (script)
                {
                    Assert.Equal((name, false), (name, await page.EvaluateAsync<bool>("'hacked' in window")));
                }
            }

            Assert.Equal([], broken.Where(line => !line.Contains("404", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task An_argument_cannot_be_made_to_look_like_another_one()
    {
        await using var gallery = await Gallery.Open(chromium, "pay \u202Eelbahs\u202C to bob");
        var page = await gallery.Inbox.Person();
        await page.GotoAsync(gallery.Inbox.Site + gallery.Pages["action"]);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("pay \u27E8U+202E\u27E9elbahs\u27E8U+202C\u27E9 to bob");
    }
}
