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

/// <summary>Somebody's endpoint for webhooks. It checks what a receiver checks, and answers 204 unless told otherwise.</summary>
public sealed class Receiver : IAsyncDisposable
{
    public static readonly string Secret = "whsec_" + Convert.ToBase64String(Encoding.UTF8.GetBytes("a secret of the receivers in tests"));
    public static readonly string OldSecret = "whsec_" + Convert.ToBase64String(Encoding.UTF8.GetBytes("the secret they had before this one"));

    private readonly WebApplication _app;
    private readonly Channel<Notice> _notices = Channel.CreateUnbounded<Notice>();
    private readonly System.Collections.Concurrent.ConcurrentQueue<Func<HttpContext, Task>> _answers = new();

    public Receiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/take", Take);
        _app.Start();
    }

    /// <summary>Looked at when a message arrives, before it is answered.</summary>
    public Func<object?> WhenItCame { get; set; } = () => null;

    public string Url => _app.Urls.First() + "/take";

    /// <summary>The settings of a channel that leads here.</summary>
    public Dictionary<string, string> As(string name, params string[] more)
    {
        Dictionary<string, string> settings = new()
        {
            [$"channels__{name}__type"] = "webhook",
            [$"channels__{name}__url"] = Url,
            [$"channels__{name}__secret"] = $"{Secret} {OldSecret}",
        };
        foreach (var setting in more)
        {
            var (key, value) = (setting.Split('=')[0], setting.Split('=')[1]);
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>What the next message that is not yet provided for is answered.</summary>
    public void Answer(int status) => _answers.Enqueue(context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    /// <summary>Holds the next message until the sender gives up.</summary>
    public void Hang() => _answers.Enqueue(async context => await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));

    public async Task<Notice> Next() => await _notices.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Bench.Patience);

    public bool IsEmpty => !_notices.Reader.TryPeek(out _);

    public static string Sign(string secret, string id, string timestamp, string body) => "v1," + Convert.ToBase64String(
        HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers;
        var (id, timestamp) = (headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString());
        var signed = headers["webhook-signature"].ToString().Split(' ');
        var good = signed.SequenceEqual([Sign(Secret, id, timestamp, body), Sign(OldSecret, id, timestamp, body)])
            && Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture)) < 300;
        context.Response.StatusCode = good ? StatusCodes.Status204NoContent : StatusCodes.Status401Unauthorized;
        _notices.Writer.TryWrite(new(id, good, JsonElement.Parse(body), WhenItCame()));
        if (_answers.TryDequeue(out var answer))
        {
            await answer(context);
        }
    }

    public sealed record Notice(string Id, bool WellSigned, JsonElement Body, object? Seen)
    {
        public string Type => Body.GetProperty("type").GetString()!;

        public JsonElement Data => Body.GetProperty("data");

        public string Request => Data.GetProperty("request_id").GetString()!;

        public string? Outcome => Data.GetProperty("outcome").GetString();
    }
}
