using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>
/// Slack, as far as a bot sees it: the methods it calls, with Slack's own limits checked on every message, and the
/// signed requests Slack makes when somebody presses a button or sends a form.
/// </summary>
public sealed class SlackDouble : IAsyncDisposable
{
    public const string Token = "xoxb-token-of-the-tests";
    public const string SigningSecret = "signing-secret-of-the-tests";
    public const string Place = "C0OPS";

    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private int _posted;

    public SlackDouble()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/api/{method}", Take);
        _app.Start();
    }

    /// <summary>What the next calls are answered instead of ok.</summary>
    public Queue<string> Errors { get; } = new();

    /// <summary>Whether the app may look up names.</summary>
    public bool HasReadScopes { get; set; } = true;

    /// <summary>Slack tells the app of something.</summary>
    public Task<(HttpStatusCode Status, string Body)> Tell(Uri to, object happened, string eventId = "Ev1", int retry = 0, string secret = SigningSecret) => Post(to, JsonSerializer.Serialize(new
    {
        token = "an old token that means nothing",
        team_id = "T1",
        api_app_id = "A1",
        type = "event_callback",
        event_id = eventId,
        event_time = 1700000000,
        authorizations = new[] { new { team_id = "T1", user_id = "U0BOT", is_bot = true } },
        @event = happened,
    }), retry, secret);

    public async Task<(HttpStatusCode Status, string Body)> Post(Uri to, string json, int retry = 0, string secret = SigningSecret)
    {
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Host = "hooks.example.com";
        request.Headers.Add("X-Slack-Request-Timestamp", timestamp);
        request.Headers.Add("X-Slack-Signature", "v0=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"v0:{timestamp}:{json}"))));
        if (retry > 0)
        {
            request.Headers.Add("X-Slack-Retry-Num", retry.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("X-Slack-Retry-Reason", "http_timeout");
        }

        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Dictionary<string, string> As(string name, params string[] more)
    {
        Dictionary<string, string> settings = new()
        {
            [$"channels__{name}__type"] = "slack",
            [$"channels__{name}__token"] = Token,
            [$"channels__{name}__signing_secret"] = SigningSecret,
            [$"channels__{name}__to"] = Place,
            [$"channels__{name}__base_url"] = _app.Urls.First() + "/api",
            ["notify"] = name,
        };
        foreach (var setting in more)
        {
            settings[setting.Split('=')[0]] = setting.Split('=')[1];
        }

        return settings;
    }

    public async Task<Call> Next() => await _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Bench.Patience);

    public async Task<Call> Next(string method)
    {
        var call = await Next();
        Assert.Equal(method, call.Method);
        return call;
    }

    /// <summary>Somebody presses a button of a message.</summary>
    public Task<HttpStatusCode> Press(Uri to, Call message, string action, string user = "mia", string userId = "U0MIA")
    {
        var button = message.Elements.Single(element => element.GetProperty("action_id").GetString() == action);
        return Send(to, JsonSerializer.Serialize(new
        {
            type = "block_actions",
            user = new { id = userId, username = user, name = user, team_id = "T1" },
            api_app_id = "A1",
            token = "an old token that means nothing",
            container = new { type = "message", message_ts = message.Ts, channel_id = Place, is_ephemeral = false },
            trigger_id = "12.34.trigger",
            channel = new { id = Place, name = "ops" },
            actions = new[] { new { type = "button", action_id = action, block_id = "b", value = button.GetProperty("value").GetString(), action_ts = "1" } },
        }));
    }

    /// <summary>Somebody fills in the form that was opened, and sends it.</summary>
    public Task<HttpStatusCode> Submit(Uri to, Call opened, string? words, string user = "mia", string userId = "U0MIA")
    {
        var view = opened.Body.GetProperty("view");
        var input = view.GetProperty("blocks").EnumerateArray().Single(block => block.GetProperty("type").GetString() == "input");
        return Send(to, JsonSerializer.Serialize(new
        {
            type = "view_submission",
            user = new { id = userId, username = user, name = user },
            view = new
            {
                type = "modal",
                callback_id = view.GetProperty("callback_id").GetString(),
                private_metadata = view.GetProperty("private_metadata").GetString(),
                state = new
                {
                    values = new Dictionary<string, object>
                    {
                        [input.GetProperty("block_id").GetString()!] = new Dictionary<string, object>
                        {
                            [input.GetProperty("element").GetProperty("action_id").GetString()!] = new { type = "plain_text_input", value = words },
                        },
                    },
                },
            },
        }));
    }

    public async Task<HttpStatusCode> Send(Uri to, string payload, string secret = SigningSecret, int age = 0, Action<HttpRequestMessage>? change = null)
    {
        var body = "payload=" + Uri.EscapeDataString(payload);
        var timestamp = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - age).ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded") };
        request.Headers.Host = "hooks.example.com";
        request.Headers.Add("X-Slack-Request-Timestamp", timestamp);
        request.Headers.Add("X-Slack-Signature", "v0=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"v0:{timestamp}:{body}"))));
        change?.Invoke(request);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            // A form is closed by an empty answer and by nothing else.
            Assert.Equal("", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task Take(HttpContext context, string method)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        if (method is "users.info" or "conversations.info")
        {
            // Reads take forms, not JSON, and are no message.
            await context.Response.WriteAsync(Told(context, text) ?? """{"ok":false,"error":"missing_scope"}""");
            return;
        }

        var body = JsonElement.Parse(text);
        var problem = context.Request.Headers.Authorization != "Bearer " + Token ? "invalid_auth"
            : Errors.TryDequeue(out var wanted) ? wanted
            : SlackLimits.Problem(method, body);
        var ts = method == "chat.postMessage" ? $"1700000000.{Interlocked.Increment(ref _posted):000000}" : body.TryGetProperty("ts", out var old) ? old.GetString()! : "";
        await context.Response.WriteAsync(problem is null
            ? JsonSerializer.Serialize(new { ok = true, channel = Place, ts })
            : JsonSerializer.Serialize(new { ok = false, error = problem }));
        await context.Response.CompleteAsync();
        _calls.Writer.TryWrite(new(method, body, ts, problem));
    }

    private string? Told(HttpContext context, string form) => HasReadScopes && context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true
        ? form switch
        {
            "user=U0MIA" => """{"ok":true,"user":{"id":"U0MIA","name":"mia"}}""",
            "channel=C0REL" => """{"ok":true,"channel":{"id":"C0REL","name":"releases"}}""",
            _ => """{"ok":false,"error":"user_not_found"}""",
        }
        : null;

    /// <param name="Problem">Why Slack refused it; null when it did not.</param>
    public sealed record Call(string Method, JsonElement Body, string Ts, string? Problem)
    {
        public IEnumerable<JsonElement> Blocks => Body.GetProperty("blocks").EnumerateArray();

        public string Text => Body.GetProperty("text").GetString()!;

        /// <summary>What can be pressed.</summary>
        public IEnumerable<JsonElement> Elements => Blocks.Where(block => block.GetProperty("type").GetString() == "actions").SelectMany(block => block.GetProperty("elements").EnumerateArray());

        public IEnumerable<string> Labels => Elements.Select(element => element.TryGetProperty("text", out var text) ? text.GetProperty("text").GetString()! : "menu");

        public string? Find(string name) => Body.TryGetProperty(name, out var value) ? value.ToString() : null;
    }
}
