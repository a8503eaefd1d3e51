using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Fuzz.Doors;

/// <summary>The HTTP server of this program, on a port of its own, with every way in configured. What it sends to others goes to a listener that says yes.</summary>
internal sealed class HttpDoor : IAsyncDisposable
{
    public const string WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string SlackSecret = "signing-secret-of-the-fuzzer";
    private const int LargestUnasked = 256 * 1024;

    /// <summary>Of the head of a request; whoever sends more may find the connection closed before it reads why.</summary>
    private const int LargestHead = 32 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("agentmcp-fuzz-").FullName;
    private readonly WebApplication _others;
    private readonly WebApplication _app;
    private readonly Entry _entry;
    private readonly ErrorLog _log = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromMinutes(2) };
    private long _sent;

    private HttpDoor(Func<Uri, IEnumerable<(string Name, string Value)>> more)
    {
        _others = Others();
        _others.Start();
        File.WriteAllText(Path.Combine(_folder, "puppet.agent.md"), """
            ---
            name: puppet
            description: An agent whose steps the caller chooses.
            model: caller
            tools: [divide, add, request_human_input, done_for_now]
            ---
            You are a puppet.
            """);
        var logs = LoggerFactory.Create(_log.Add);
        var given = Given();
        foreach (var (name, value) in more(new(_others.Urls.First())))
        {
            given[name] = value;
        }

        Core = new Core(Settings.Load(given), logs);
        _entry = new(Core, logs);
        _app = HttpServer.Build(Core, _entry, logs);
    }

    public Core Core { get; }

    public Uri Url => new(_app.Urls.First());

    public Process Process { get; } = Process.GetCurrentProcess();

    public string Secret { get; private set; } = "";

    /// <summary>Who signs the tokens of a guarded one.</summary>
    public Signer Signer { get; } = new();

    public static Task<HttpDoor> Open() => Open(_ => []);

    /// <summary>One that lets in nobody without a key of its own or a token of an issuer.</summary>
    public static Task<HttpDoor> OpenGuarded() => Open(others => [("auth", "keys,oidc"), ("oidc_authority", others.ToString().TrimEnd('/')), ("oidc_audience", Signer.Audience)]);

    private static async Task<HttpDoor> Open(Func<Uri, IEnumerable<(string Name, string Value)>> more)
    {
        var door = new HttpDoor(more);
        await door._app.StartAsync();
        door.Core.Recover();
        _ = AgentMcp.Server.Inbox.InboxSite.SignInLink(door.Core, door.Url.ToString());
        door.Secret = (await File.ReadAllTextAsync(door.Core.Database.Path + "-access")).Trim();
        return door;
    }

    /// <summary>Sends a request; the answer was looked at, and so was what the server wrote to its log meanwhile.</summary>
    /// <exception cref="UnclearException">The server broke, or its answer says nothing.</exception>
    public async Task<(int Status, string Body, HttpResponseMessage Answer)> Send(HttpMethod method, string path, byte[]? body, string? media, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Url, path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", media);
            // Whoever sends a large body unasked may find the connection closed before it reads why.
            request.Headers.ExpectContinue = body.Length > LargestUnasked;
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var status = (int)answer.StatusCode;
        Check();
        return status == 500 ? throw new UnclearException($"HTTP 500: {text}") : (status, Clear.Check(text), answer);
    }

    /// <summary>Bytes on a socket, as no client library would send them.</summary>
    /// <param name="isWhole">Whether this is a request to its end. Half of one is one that its sender gives up; to the server that looks like somebody who has left.</param>
    /// <returns>The status, or that the connection was closed without one, and everything that came.</returns>
    /// <exception cref="UnclearException">The server broke, or its answer says nothing, or a whole request got none.</exception>
    public async Task<(string Status, string Answer)> Raw(byte[] bytes, bool isWhole)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Url.Port);
        await using var stream = new NetworkStream(socket);
        string text;
        try
        {
            await stream.WriteAsync(bytes);
            if (!isWhole)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            using var reader = new StreamReader(stream);
            text = await reader.ReadToEndAsync();
        }
        catch (IOException) when (!isWhole || bytes.Length > LargestHead)
        {
            text = "";
        }

        Check();
        var status = text.Split(' ') is ["HTTP/1.1", var code, ..] ? code : "closed";
        return status == "500" ? throw new UnclearException(text)
            : status == "closed" && isWhole && bytes.Length <= LargestHead ? throw new UnclearException("a whole request got no answer")
            : (status, Clear.Check(text));
    }

    /// <summary>As Standard Webhooks has it, under an id of its own.</summary>
    public Task<(int Status, string Body, HttpResponseMessage Answer)> SendSigned(string path, byte[] body, string media = "application/json")
    {
        var id = $"msg_{Interlocked.Increment(ref _sent)}";
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var mac = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(WebhookSecret["whsec_".Length..]), (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{at}."), .. body]));
        return Send(HttpMethod.Post, path, body, media, ("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", "v1," + mac));
    }

    public Task<(int Status, string Body, HttpResponseMessage Answer)> SendAsSlack(string path, byte[] body, string media)
    {
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var mac = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(SlackSecret), (byte[])[.. Encoding.UTF8.GetBytes($"v0:{at}:"), .. body]));
        return Send(HttpMethod.Post, path, body, media, ("X-Slack-Request-Timestamp", at), ("X-Slack-Signature", "v0=" + mac));
    }

    public Task<(int Status, string Body, HttpResponseMessage Answer)> Rest(HttpMethod method, string path, string? json) =>
        Send(method, "/api/v1" + path, json is null ? null : Encoding.UTF8.GetBytes(json), "application/json", ("Authorization", "Bearer " + Secret));

    /// <summary>A thread that asks for something, over REST.</summary>
    public async Task<JsonElement> Begin(string path, string json)
    {
        var (status, body, _) = await Rest(HttpMethod.Post, path, json);
        return status == 201 ? JsonElement.Parse(body) : throw new InvalidOperationException($"{status}: {body}");
    }

    /// <exception cref="UnclearException">The server logged a defect.</exception>
    public void Check()
    {
        if (_log.Errors.TryDequeue(out var error))
        {
            throw new UnclearException($"the log says: {error}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _entry.Dispose();
        Core.Dispose();
        await _others.DisposeAsync();
        Signer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Dictionary<string, string?> Given() => new()
    {
        ["db"] = Path.Combine(_folder, "threads.db"),
        ["agents"] = _folder,
        ["agents_home"] = "off",
        ["model"] = "rules",
        ["port"] = "0",
        ["wait"] = "0.2",
        ["max_wait"] = "0.2",
        ["notify"] = "hook",
        ["channels:hook:type"] = "webhook",
        ["channels:hook:url"] = _others.Urls.First() + "/hook",
        ["channels:hook:secret"] = WebhookSecret,
        ["channels:team:type"] = "slack",
        ["channels:team:token"] = "xoxb-fuzz",
        ["channels:team:signing_secret"] = SlackSecret,
        ["channels:team:to"] = "C0OPS",
        ["channels:team:base_url"] = _others.Urls.First() + "/api",
        ["triggers:ci:type"] = "webhook",
        ["triggers:ci:secret"] = WebhookSecret,
        ["triggers:ci:agent"] = "calculator",
        ["triggers:chat:type"] = "slack",
        ["triggers:chat:channel"] = "team",
        ["triggers:chat:agent"] = "calculator",
        ["triggers:chat:from"] = "*",
        ["triggers:post:type"] = "email",
        ["triggers:post:secret"] = WebhookSecret,
        ["triggers:post:agent"] = "calculator",
        ["triggers:post:from"] = "*",
    };

    private WebApplication Others()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        Signer.Map(app);
        app.MapPost("/{**any}", context => context.Response.WriteAsync("""{"ok":true,"channel":"C0OPS","ts":"1.1","user":{"name":"mia"}}""", Encoding.UTF8));
        return app;
    }

    /// <summary>Keeps what a server holds for a defect of its own.</summary>
    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Errors { get; } = new();

        public void Add(ILoggingBuilder logging) => logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddProvider(this);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // A refusal by the protocol's own means is no defect; the SDK logs it as one. A thread whose log makes no sense to its agent fails, and says so.
            if (IsEnabled(logLevel) && exception is not ModelContextProtocol.McpProtocolException && formatter(state, exception) is var words && !(words.StartsWith("thr_", StringComparison.Ordinal) && words.EndsWith(" failed", StringComparison.Ordinal)))
            {
                Errors.Enqueue($"{words} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
