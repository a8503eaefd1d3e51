using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Browser.Tests.Driving;
using AgentMcp.Server.Tests.Running;
using Microsoft.Playwright;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Browser.Tests.Apps;

/// <summary>
/// A host that shows cards: a page that speaks the bridge, the card in a sandboxed frame of another origin under the
/// policy the specification demands, a real client and a real server behind it. Nothing else can be reached.
/// </summary>
public sealed class Chat : IAsyncDisposable
{
    private const int Patience = 45_000;
    private const string Site = "http://chat.test/";
    private const string Card = "http://card.test/request.html";
    private const string Policy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; connect-src 'none'; img-src 'self' data:; "
        + "font-src 'self'; media-src 'self' data:; frame-src 'none'; object-src 'none'; base-uri 'self'";

    private static readonly string[] AppTools = ["answer_request", "follow_thread"];
    private readonly TestFolder _folder;
    private readonly IBrowserContext _browser;
    private readonly List<string> _outside = [];
    private readonly TaskCompletionSource _lookedAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Chat(TestFolder folder, IBrowserContext browser, RunningServer server, IPage page) => (_folder, _browser, Server, Page) = (folder, browser, server, page);

    public RunningServer Server { get; }

    public IPage Page { get; }

    public string Database => _folder.Database;

    /// <summary>What is in the card.</summary>
    public IFrameLocator View => Page.FrameLocator("#view");

    public IFrame Frame => Page.Frames.Single(frame => frame.Url == Card);

    /// <summary>Requests that went anywhere but to the two pages, and what either policy of the card had to stop.</summary>
    public IReadOnlyList<string> Outside => _outside;

    /// <summary>Done when the card has asked the server how its thread stands, which it does once it shows a result.</summary>
    public Task LookedAgain => _lookedAgain.Task.WaitAsync(TimeSpan.FromMilliseconds(Patience));

    public static async Task<Chat> Open(Chromium chromium, string theme = "light", bool phone = false, object? capabilities = null, object? styles = null)
    {
        var browser = await chromium.Person(theme == "dark" ? ColorScheme.Dark : ColorScheme.Light, phone);
        var folder = new TestFolder();
        var agents = Directory.CreateDirectory(Path.Combine(folder.Path, "agents")).FullName;
        foreach (var (name, fields) in new[] { ("careful", "changes: [divide]"), ("guarded", "answerable_by: human") })
        {
            await File.WriteAllTextAsync(Path.Combine(agents, name + ".agent.md"),
                $"---\nname: {name}\ndescription: An agent of the tests.\nmodel: caller\ntools: [divide, request_human_input, done_for_now]\n{fields}\n---\nYou are {name}.\n");
        }

        var server = await RunningServer.Start(Transport.Stdio, folder.Database, "2026-07-28", new Dictionary<string, string> { ["agents"] = agents }, new()
        {
            Capabilities = new() { Extensions = new Dictionary<string, object> { ["io.modelcontextprotocol/ui"] = new JsonObject { ["mimeTypes"] = new JsonArray("text/html;profile=mcp-app") } } },
        });
        var page = await browser.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        var chat = new Chat(folder, browser, server, page);
        await chat.Serve();
        await page.GotoAsync(Site);
        await page.EvaluateAsync("told => chat.open(...JSON.parse(told))", JsonSerializer.Serialize(new[]
        {
            capabilities ?? new { serverTools = new { }, updateModelContext = new { text = new { } }, openLinks = new { } },
            new { theme, styles, locale = "en-GB", timeZone = "UTC", displayMode = "inline", containerDimensions = new { maxHeight = 6000 } },
            AppTools,
        }));
        await page.EvaluateAsync("() => chat.initialized");
        return chat;
    }

    /// <summary>The model calls a tool, and the host shows its result in the card.</summary>
    public async Task<Reply> Call(string tool, object arguments)
    {
        var reply = await Server.Do(tool, arguments);
        await Deliver(arguments, reply.Result);
        return reply;
    }

    public Task Deliver(object arguments, CallToolResult? result) => Page.EvaluateAsync("told => chat.deliver(...JSON.parse(told))",
        $"[{JsonSerializer.Serialize(arguments)},{JsonSerializer.Serialize(result, McpJsonUtilities.DefaultOptions)}]");

    public Task Tell(string method, object parameters) => Page.EvaluateAsync("told => chat.tell(...JSON.parse(told))", JsonSerializer.Serialize(new[] { method, parameters }));

    /// <summary>An approval of an agent whose steps the test chooses.</summary>
    public async Task<Reply> Divide(string agent, double a, double b)
    {
        var start = await Server.Do(agent, new { message = "go" });
        return await Call("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "divide", a, b } });
    }

    /// <summary>What the card told the host, by method.</summary>
    public async Task<IReadOnlyList<JsonElement>> Heard(string method) =>
        [.. (await Page.EvaluateAsync<JsonElement>("() => chat.heard")).EnumerateArray().Where(one => one.TryGetProperty("method", out var named) && named.GetString() == method)];

    public async Task<JsonElement> Answer(Reply pending)
    {
        var log = await Server.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        return log.Json.GetProperty("events").EnumerateArray().Last(one => one.GetProperty("type").GetString() == "request_answered"
            && one.GetProperty("channel").GetString() != "stdio");
    }

    /// <summary>Presses a button by the keyboard, which finds it also while the card grows.</summary>
    public async Task Press(string button)
    {
        var found = View.GetByRole(AriaRole.Button, new() { Name = button, Exact = true });
        await Assertions.Expect(found).ToBeEnabledAsync();
        await found.PressAsync("Enter");
    }

    public async Task Picture(string name)
    {
        await Frame.EvaluateAsync("() => new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))");
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), Scale = ScreenshotScale.Css, FullPage = true });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task Serve()
    {
        var card = (TextResourceContents)(await Server.Client.ReadResourceAsync("ui://agentmcp/request.html")).Contents.Single();
        await Page.RouteAsync("**/*", async route =>
        {
            if (route.Request.Url is not (Site or Card))
            {
                _outside.Add(route.Request.Url);
                await route.AbortAsync();
                return;
            }

            await route.FulfillAsync(new()
            {
                ContentType = "text/html; charset=utf-8",
                Body = route.Request.Url == Site ? await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "chat.html")) : card.Text,
                Headers = route.Request.Url == Site ? null : new Dictionary<string, string> { ["Content-Security-Policy"] = Policy },
            });
        });
        await Page.ExposeFunctionAsync<string, string, Task<string>>("callTool", Pass);
        await Page.ExposeFunctionAsync<string, bool>("stopped", what => { _outside.Add(what); return true; });
        await Page.AddInitScriptAsync("document.addEventListener('securitypolicyviolation', (e) => window.stopped(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`))");
        Page.PageError += (_, error) => _outside.Add(error);
        Page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _outside.Add(message.Text);
            }
        };
    }

    private async Task<string> Pass(string tool, string arguments)
    {
        try
        {
            var result = await Server.Call(tool, JsonElement.Parse(arguments));
            if (tool == "follow_thread")
            {
                _lookedAgain.TrySetResult();
            }

            return $$"""{"result":{{JsonSerializer.Serialize(result, McpJsonUtilities.DefaultOptions)}}}""";
        }
        catch (McpException e)
        {
            return JsonSerializer.Serialize(new { error = e.Message });
        }
    }
}
