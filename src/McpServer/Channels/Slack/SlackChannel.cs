using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>
/// A bot that posts to one Slack channel or person. What follows in a thread is posted as a reply to what came first,
/// and every message of a request is rewritten once that is closed, so that no button outlives its use.
/// </summary>
internal sealed partial class SlackChannel : IHumanChannel
{
    private const string PublicApi = "https://slack.com/api/";

    private static readonly TimeSpan LookTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, string?> _names = new(StringComparer.Ordinal);
    private readonly string _token;
    private readonly byte[] _signingSecret;
    private readonly string _to;
    private readonly Uri _api;

    public SlackChannel(ChannelSettings settings)
    {
        (Name, Attempts, _token, _to) = (settings.Name, settings.Attempts, settings.Get("token"), settings.Get("to"));
        _signingSecret = Encoding.UTF8.GetBytes(settings.Get("signing_secret"));
        var api = settings.Address("base_url", PublicApi);
        _api = new Uri(api.AbsoluteUri.TrimEnd('/') + "/");
        if (_token.Any(c => c is <= ' ' or > '~'))
        {
            throw settings.Wrong("token holds a character that no token has");
        }
    }

    public string Name { get; }

    public int Attempts { get; }

    public async Task<JsonText?> Send(Notice notice, CancellationToken cancellation)
    {
        var reply = notice.Delivery is { IsReply: true, Place: { } place } ? SlackPlace.Read(place.Address) : null;
        var root = reply is null ? notice.Delivery.Told.Where(told => !told.IsReply).Select(told => Posted.Of(told, _to)).OfType<Posted>().FirstOrDefault() : new(reply.Channel, reply.ThreadTs);
        var posted = await Post(root?.Channel ?? _to, root?.Ts, json =>
        {
            if (root is not null && reply is null)
            {
                // A reply alone is easily missed: whoever looks at the channel sees it too.
                json.WriteBoolean("reply_broadcast", true);
            }

            SlackMessage.Write(json, notice);
        }, cancellation).ConfigureAwait(false);
        return new Posted(Text(posted, "channel") ?? _to, Text(posted, "ts") ?? throw new DeliveryException("Slack did not say what it posted")).Reference(_to);
    }

    public async Task Update(Notice notice, CancellationToken cancellation)
    {
        DeliveryException? failed = null;
        foreach (var message in notice.Delivery.Told.Where(told => told.Request == notice.Delivery.Request).Select(told => Posted.Of(told, _to)).OfType<Posted>())
        {
            try
            {
                await Call("chat.update", json =>
                {
                    json.WriteString("channel", message.Channel);
                    json.WriteString("ts", message.Ts);
                    SlackMessage.Write(json, notice);
                }, cancellation).ConfigureAwait(false);
            }
            catch (DeliveryException e)
            {
                // One message that cannot be rewritten leaves no other its buttons. What is gone has none.
                failed = e.Code is "message_not_found" or "cant_update_message" ? failed : e;
            }
        }

        if (failed is not null)
        {
            throw failed;
        }
    }

    public Task Say(JsonText place, string words, CancellationToken cancellation) =>
        Post(SlackPlace.Read(place).Channel, SlackPlace.Read(place).ThreadTs, json => SlackMessage.Write(json, words), cancellation);

    private Task<JsonElement> Post(string to, string? thread, Action<Utf8JsonWriter> message, CancellationToken cancellation) => Call("chat.postMessage", json =>
    {
        json.WriteString("channel", to);
        if (thread is not null)
        {
            json.WriteString("thread_ts", thread);
        }

        json.WriteBoolean("unfurl_links", false);
        json.WriteBoolean("unfurl_media", false);
        message(json);
    }, cancellation);

    /// <summary>The handle of a user, such as @mia; null when Slack does not tell.</summary>
    public Task<string?> NameOf(string user) => Look("users.info", "user", user, "@");

    /// <summary>The name of a channel, such as #releases; null when Slack does not tell.</summary>
    public Task<string?> NameOfChannel(string channel) => Look("conversations.info", "channel", channel, "#");

    // Needs scopes an app may not have, and is only for reading more easily.
    private async Task<string?> Look(string method, string what, string id, string sign)
    {
        if (_names.TryGetValue(id, out var known))
        {
            return known;
        }

        try
        {
            using var limit = new CancellationTokenSource(LookTime);
            var found = await Call(method, $"{what}={Uri.EscapeDataString(id)}", "application/x-www-form-urlencoded", limit.Token).ConfigureAwait(false);
            return _names[id] = found.TryGetProperty(what, out var named) && Text(named, "name") is { Length: > 0 } name ? sign + name : null;
        }
        catch (Exception e) when (e is DeliveryException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Calls a method of the Web API.</summary>
    /// <exception cref="DeliveryException">Slack was not reached, or refused.</exception>
    public Task<JsonElement> Call(string method, Action<Utf8JsonWriter> arguments, CancellationToken cancellation) => Call(method, JsonText.Write(json =>
    {
        json.WriteStartObject();
        arguments(json);
        json.WriteEndObject();
    }).Text, "application/json", cancellation);

    private async Task<JsonElement> Call(string method, string body, string media, CancellationToken cancellation)
    {
        var reply = await ChannelHttp.Post(new Uri(_api, method), Encoding.UTF8.GetBytes(body),
            headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", _token), cancellation, media).ConfigureAwait(false);
        if (!JsonText.TryParse(reply, out var json) || json.Element() is not { ValueKind: JsonValueKind.Object } said)
        {
            throw new DeliveryException("Slack answered with something that is not JSON");
        }

        if (said.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.True)
        {
            return said;
        }

        var code = Text(said, "error") is { } error && ErrorCode().IsMatch(error) ? error : null;
        throw new DeliveryException($"Slack refused {method}: {code ?? "it did not say why"}") { Code = code };
    }

    /// <summary>Whether Slack signed this, a short while ago.</summary>
    public bool Signed(string timestamp, string signature, byte[] body, DateTimeOffset now) => Signatures.IsFresh(timestamp, now)
        && Signatures.Same(signature, "v0=" + Convert.ToHexStringLower(Signatures.Of(_signingSecret, $"v0:{timestamp}:", body)));

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // What Slack says of an error is a name; anything else could hold what we sent.
    [GeneratedRegex("^[a-z_]{1,60}$", RegexOptions.NonBacktracking)]
    private static partial Regex ErrorCode();

    /// <summary>Where a message is. Its channel is kept only when Slack calls it otherwise than the settings do.</summary>
    private sealed record Posted(string Channel, string Ts)
    {
        public static Posted? Of(Told told, string configured) => told.Reference?.Element() is { ValueKind: JsonValueKind.Object } reference
            && Text(reference, "ts") is { } ts ? new(Text(reference, "channel") ?? configured, ts) : null;

        public JsonText Reference(string configured) => JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("ts", Ts);
            if (Channel != configured)
            {
                json.WriteString("channel", Channel);
            }

            json.WriteEndObject();
        });
    }
}
