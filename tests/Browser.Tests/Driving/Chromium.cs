using AgentMcp.Browser.Tests.Driving;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace AgentMcp.Browser.Tests.Driving;

/// <summary>The Chromium of this machine, started when first asked for. Where there is none, tests skip; in CI they fail.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Milliseconds a busy machine may take; what is expected is waited for and no longer.</summary>
    public const int Patience = 45_000;

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";

    public ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        return ValueTask.CompletedTask;
    }

    /// <summary>A browser of its own for one person: no cookies, its theme and size as given.</summary>
    public async Task<IBrowserContext> Person(ColorScheme theme = ColorScheme.Light, bool phone = false, bool script = true) => await (await Browser()).NewContextAsync(new()
    {
        ColorScheme = theme,
        JavaScriptEnabled = script,
        ViewportSize = phone ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 860 },
        DeviceScaleFactor = 2,
        HasTouch = phone,
        ReducedMotion = ReducedMotion.Reduce,
    });

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _starting.Dispose();
    }

    private async Task<IBrowser> Browser()
    {
        var program = Environment.GetEnvironmentVariable("CHROMIUM") ?? Places.FirstOrDefault(File.Exists);
        if (program is null && !IsCi)
        {
            Assert.Skip("There is no Chromium on this machine (CHROMIUM names another place).");
        }

        Assert.NotNull(program);
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = program,
                Args = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            });
        }
        finally
        {
            _starting.Release();
        }
    }
}
