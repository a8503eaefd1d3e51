using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Channels.Webhook;

/// <summary>
/// Takes answers at <c>/hooks/NAME</c>. Nothing of a message is looked at before its signature was. The sender is told
/// once the answer is stored: until then it may send it again, and the same answer twice is one answer.
/// </summary>
internal sealed class WebhookAnswers(WebhookChannel channel, ChannelAnswers answers, Outbox outbox, TimeProvider clock)
{
    private const int LongestName = 200;

    public async Task Take(HttpContext context)
    {
        var headers = context.Request.Headers;
        var id = headers["webhook-id"].ToString();
        var body = await Bodies.Read(context).ConfigureAwait(false);
        if (!channel.Secrets.Signed(id, headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body, clock.GetUtcNow()))
        {
            await Replies.Send(context, StatusCodes.Status400BadRequest, "invalid_signature",
                "The signature does not fit. It must be made as Standard Webhooks says, with a secret of this channel, at most five minutes ago.").ConfigureAwait(false);
            return;
        }

        if (outbox.IsKnown(channel.Name, id))
        {
            await Replies.Send(context, StatusCodes.Status200OK, "duplicate", "This message was taken before.").ConfigureAwait(false);
            return;
        }

        try
        {
            var said = Said.Read(body);
            await answers.Give(channel.Name, "webhook:" + channel.Name, said.User, said.Answer).ConfigureAwait(false);
            await outbox.Remember(channel.Name, id, clock.GetUtcNow()).ConfigureAwait(false);
            await Replies.Send(context, StatusCodes.Status200OK, "answered", "The answer is stored and the thread goes on.").ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            await Replies.Send(context, StatusCodes.Status400BadRequest, "invalid_body", e.Message).ConfigureAwait(false);
        }
        catch (RefusedException e)
        {
            await Replies.Send(context, Replies.Status(e.Code), WireName.Of(e.Code), e.Message).ConfigureAwait(false);
        }
    }

    /// <summary>Who says what. The signature vouches for all of it.</summary>
    internal sealed record Said(string User, ChannelAnswer Answer)
    {
        /// <exception cref="JsonException">The message says what is expected.</exception>
        public static Said Read(byte[] body)
        {
            var message = Parse(body);
            if (string.IsNullOrWhiteSpace(message.User) || message.User.Length > LongestName || message.User.Any(char.IsControl))
            {
                throw Wrong("user must name who answers");
            }

            if (!RequestId.TryParse(message.RequestId, out var thread, out _) || (message.ThreadId is { } named && named != thread.Value))
            {
                throw Wrong("request_id must be that of the request, and thread_id, if given, that of its thread");
            }

            return new(message.User, new(message.RequestId!, message.Approved ?? (message.ApprovedWithChanges is null ? null : true),
                Json(message.Response), message.Comment, Json(message.ApprovedWithChanges), message.Digest));
        }

        private static Message Parse(byte[] body)
        {
            try
            {
                return JsonSerializer.Deserialize(body, WebhookJson.Default.Message) ?? throw Wrong("it is null");
            }
            catch (JsonException e)
            {
                throw Wrong(UnreadableJson.Say(e, "it").TrimEnd('.'));
            }
        }

        private static JsonText? Json(JsonElement? value) => value is { ValueKind: not JsonValueKind.Null } given ? JsonText.From(given) : null;

        private static JsonException Wrong(string what) => new(
            $"That is no answer: {what}. Send JSON with request_id, user and one of approved, response and approved_with_changes; thread_id, digest and comment are optional.");
    }

    internal sealed record Message(
        string? ThreadId = null, string? RequestId = null, string? User = null, bool? Approved = null,
        JsonElement? Response = null, string? Comment = null, JsonElement? ApprovedWithChanges = null, string? Digest = null);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(WebhookAnswers.Message))]
internal sealed partial class WebhookJson : JsonSerializerContext;
