using AgentMcp.Browser.Tests.Driving;
using Microsoft.Playwright;

namespace AgentMcp.Browser.Tests;

public sealed class Everybody_can_use_every_page(Chromium chromium)
{
    private const string Words = "**Please** look at `this`:\n\n- the first thing\n- https://example.com/second";

    [Fact]
    public async Task Axe_finds_nothing_on_any_page_in_either_theme_wide_or_narrow()
    {
        await using var gallery = await Gallery.Open(chromium, Words);
        var findings = new List<string>();
        foreach (var (theme, phone) in new[] { (ColorScheme.Light, false), (ColorScheme.Dark, true) })
        {
            var page = await gallery.Inbox.Person(theme, phone);
            foreach (var (name, path) in gallery.Pages)
            {
                await page.GotoAsync(gallery.Inbox.Site + path);
                findings.AddRange((await Axe.Findings(page)).Select(finding => $"{name}, {theme}{(phone ? ", phone" : "")}: {finding}"));
            }

            await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
            findings.AddRange((await Axe.Findings(page)).Select(finding => $"signed out, {theme}: {finding}"));
            await page.GotoAsync(gallery.Inbox.SignInLink());
            findings.AddRange((await Axe.Findings(page)).Select(finding => $"sign in, {theme}: {finding}"));
        }

        Assert.Equal([], findings);
    }

    [Fact]
    public async Task Axe_does_find_what_is_wrong()
    {
        var page = await (await chromium.Person()).NewPageAsync();
        await page.SetContentAsync("<html lang=en><title>A page</title><main><h1>A page</h1><select><option>one</option></select><p style='color:#bbb;background:#fff'>pale</p></main></html>");
        var findings = await Axe.Findings(page);
        Assert.Equal(["color-contrast", "select-name"], findings.Select(finding => finding.Split(':')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_page_scrolls_sideways_on_a_phone_and_what_is_pressed_is_large_enough()
    {
        await using var gallery = await Gallery.Open(chromium, "An_unbroken_name_" + new string('x', 300) + " " + Words);
        var page = await gallery.Inbox.Person(phone: true);
        foreach (var (name, path) in gallery.Pages)
        {
            await page.GotoAsync(gallery.Inbox.Site + path);
            Assert.Equal((name, 390), (name, await page.EvaluateAsync<int>("document.documentElement.scrollWidth")));
            Assert.Equal((name, ""), (name, await page.EvaluateAsync<string>("""
                () => [...document.querySelectorAll('main button, main input, main select, main .button')].filter(control => control.checkVisibility() && !/radio|checkbox|hidden/.test(control.type))
                  .filter(control => control.getBoundingClientRect().height < 32).map(control => control.outerHTML).join()
                """)));
        }
    }

    [Fact]
    public async Task The_pages_follow_the_theme_of_the_browser()
    {
        await using var inbox = await OpenInbox.Start(chromium);
        foreach (var (theme, isDark) in new[] { (ColorScheme.Light, false), (ColorScheme.Dark, true) })
        {
            var page = await inbox.Person(theme);
            Assert.Equal(isDark, await page.EvaluateAsync<bool>("() => { const [r, g, b] = getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).map(Number); return r + g + b < 200; }"));
        }
    }
}
