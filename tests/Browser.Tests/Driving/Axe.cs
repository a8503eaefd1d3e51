using System.Text.Json;
using Microsoft.Playwright;

namespace AgentMcp.Browser.Tests.Driving;

/// <summary>axe-core, which reports what keeps a page from being used by everybody.</summary>
public static class Axe
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "axe.min.js");

    /// <summary>Everything it finds against WCAG 2.2 A and AA and its own best practices, one line each.</summary>
    public static Task<string[]> Findings(IPage page) => Findings(page.MainFrame);

    /// <inheritdoc cref="Findings(IPage)"/>
    public static async Task<string[]> Findings(IFrame page)
    {
        if (!File.Exists(Script) && !Chromium.IsCi)
        {
            Assert.Skip("axe-core is not installed: run npm ci in tests/Browser.Tests and build again.");
        }

        // Handed over by the debugger, not by the page: its policy allows no such script.
        await page.EvaluateAsync(await File.ReadAllTextAsync(Script, TestContext.Current.CancellationToken));
        var found = await page.EvaluateAsync<JsonElement>("""
            async () => (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
              .flatMap(violation => violation.nodes.map(node => `${violation.id}: ${node.html} (${node.failureSummary.replaceAll('\n', ' ')})`))
            """);
        return [.. found.EnumerateArray().Select(line => line.GetString()!)];
    }
}
