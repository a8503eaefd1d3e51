using System.Net.Http.Headers;
using System.Text;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Http;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests.Access;

/// <summary>An HTTP server with authentication in this process: real sockets, real keys, its own database.</summary>
internal sealed class GuardedServer : IAsyncDisposable
{
    private readonly TestFolder _folder;
    private readonly Entry _entry;
    private readonly Task _watch;
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly List<HttpClient> _clients = [];

    private GuardedServer(TestFolder folder, Core core, Entry entry, WebApplication app)
    {
        (_folder, Core, _entry, App) = (folder, core, entry, app);
        _watch = entry.Tenure.Watch(core.Stopping);
    }

    public Core Core { get; }

    public WebApplication App { get; }

    public Uri Url => new(App.Urls.First());

    public string Database => _folder.Database;

    public static async Task<GuardedServer> Start(params (string Name, string Value)[] settings)
    {
        var server = await StartAlone(settings);
        server.Core.Recover();
        server.Core.InboxSite = server.App.Urls.First();
        return server;
    }

    /// <summary>One that listens, and has not looked for threads that others left.</summary>
    public static async Task<GuardedServer> StartAlone(params (string Name, string Value)[] settings)
    {
        var folder = new TestFolder();
        Dictionary<string, string?> given = new() { ["db"] = folder.Database, ["model"] = "rules", ["port"] = "0", ["auth"] = "keys", ["agents_home"] = "off" };
        foreach (var (name, value) in settings)
        {
            given[name] = value.Replace("FOLDER", folder.Path, StringComparison.Ordinal);
        }

        var core = new Core(Settings.Load(given), NullLoggerFactory.Instance);
        var entry = new Entry(core, NullLoggerFactory.Instance);
        var app = HttpServer.Build(core, entry, NullLoggerFactory.Instance);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(folder, core, entry, app);
    }

    /// <summary>Makes a key; from then on <see cref="As"/> knows its holder.</summary>
    public async Task<string> Key(string name, string roles, string? agents = null, TimeSpan? holds = null)
    {
        var now = Core.Clock.GetUtcNow();
        var (key, text) = KeyRing.Make(name, roles.Split(','), agents?.Split(','), now, now + holds);
        Assert.True(await Core.Keys.Add(key, "local", "cli"));
        return _keys[name] = text;
    }

    /// <summary>The same for one who bears something else, such as a token.</summary>
    public void Knows(string name, string bearer) => _keys[name] = bearer;

    public Task Revoke(string name) => Core.Keys.Revoke(name, Core.Clock.GetUtcNow(), "local", "cli");

    /// <summary>A client of whoever bears this name; of nobody for null. It keeps no cookies and follows nothing.</summary>
    public HttpClient As(string? name)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(60) };
        if (name is not null)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", _keys.GetValueOrDefault(name, name));
        }

        _clients.Add(client);
        return client;
    }

    public Task<McpClient> Mcp(string name, string protocol = Ways.Newest, McpClientOptions? options = null) => Mcp(As(name), protocol, options);

    /// <param name="client">What it shows with each request can be changed.</param>
    public async Task<McpClient> Mcp(HttpClient client, string protocol, McpClientOptions? options = null)
    {
        options ??= new();
        (options.ProtocolVersion, options.DiscoverProbeTimeout) = (protocol, TimeSpan.FromSeconds(30));
        return await McpClient.CreateAsync(new HttpClientTransport(new() { Endpoint = new Uri(Url, "/mcp"), TransportMode = HttpTransportMode.StreamableHttp }, client),
            options, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>A thread that waits for somebody to approve a division.</summary>
    public async Task<ThreadLog> Asking(string owner, string agent = "calculator") => await Settled(owner, agent, JsonText.Parse("""{"message":"divide 3 by 4"}"""));

    public async Task<ThreadLog> Settled(string owner, string agent, JsonText input) =>
        await Core.Host.Wait(await Core.Host.Start(agent, input, new Responder(owner, "http")), owner, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>How many threads were begun, and events of this one but those of answers that were refused: the same after whatever is refused.</summary>
    public (int Threads, int? Events) Happened(ThreadId? thread) =>
        (Core.Index.List(new(new Sight(null, Others.All), Limit: 10_000)).Rows.Count(row => row.ParentId is null),
            thread is { } id ? Core.Host.Get(id, Core.Host.Belonging(id)!.Value.Principal).Events.Count(happened => happened is not AnswerRefused) : null);

    /// <summary>Each endpoint there is, or each of a door, as its method and its route.</summary>
    public IEnumerable<string> Routes(Door? door = null) =>
        App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => door is null || endpoint.Metadata.GetMetadata<DoorMark>()?.Door == door)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}"))
            .Order(StringComparer.Ordinal);

    /// <summary>The status and the body, as one text.</summary>
    public static async Task<string> Say(HttpClient client, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(path.StartsWith("/api", StringComparison.Ordinal) || path == "/mcp" ? "application/json" : "application/x-www-form-urlencoded"));
        }

        if (path == "/mcp")
        {
            request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var text = answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{(int)answer.StatusCode} {text}";
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await HttpServer.Stop(App, Core);
        await _watch;
        await App.DisposeAsync();
        _entry.Dispose();
        Core.Dispose();
        _folder.Dispose();
    }
}
