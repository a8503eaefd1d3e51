using AgentMcp.Server.Inbox;
using AgentMcp.Server.Tests.Running;
using Microsoft.Playwright;

namespace AgentMcp.Browser.Tests.Driving;

/// <summary>A real server over HTTP on a database of its own, an MCP client of it, and people with browsers.</summary>
public sealed class OpenInbox : IAsyncDisposable
{
    private readonly TestFolder _folder;
    private readonly Chromium _chromium;
    private readonly List<IBrowserContext> _people = [];

    private OpenInbox(TestFolder folder, Chromium chromium, RunningServer server) => (_folder, _chromium, Server) = (folder, chromium, server);

    public RunningServer Server { get; }

    public string Database => _folder.Database;

    /// <summary>Where the pages are, without a slash at the end.</summary>
    public string Site => Server.Url!.GetLeftPart(UriPartial.Authority);

    public static async Task<OpenInbox> Start(Chromium chromium, IReadOnlyDictionary<string, string>? settings = null, Action<string>? prepare = null)
    {
        var folder = new TestFolder();
        prepare?.Invoke(folder.Path);
        return new(folder, chromium, await RunningServer.Start(Transport.Http, folder.Database, settings: settings));
    }

    /// <summary>A person whose browser is signed in, on the page of pending requests.</summary>
    public async Task<IPage> Person(ColorScheme theme = ColorScheme.Light, bool phone = false, bool script = true)
    {
        var page = await Stranger(theme, phone, script);
        await page.GotoAsync(SignInLink());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        // Not its events, one of which may be over by the time it is waited for.
        await Assertions.Expect(page).ToHaveURLAsync(Site + "/");
        return page;
    }

    /// <summary>A person whose browser is not signed in.</summary>
    public async Task<IPage> Stranger(ColorScheme theme = ColorScheme.Light, bool phone = false, bool script = true)
    {
        var context = await _chromium.Person(theme, phone, script);
        _people.Add(context);
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(Chromium.Patience);
        return page;
    }

    /// <summary>A fresh link, as <c>agentmcp inbox --sign-in</c> prints it.</summary>
    public string SignInLink() => new LocalAccess(Database, TimeProvider.System).SignInLink(Site, TimeSpan.FromMinutes(10));

    public string PageOf(Reply pending) => $"{Site}/requests/{pending.RequestId}";

    public async ValueTask DisposeAsync()
    {
        foreach (var person in _people)
        {
            await person.DisposeAsync();
        }

        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
