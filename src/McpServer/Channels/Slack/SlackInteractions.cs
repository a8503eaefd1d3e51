using System.Text;
using System.Text.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>
/// Takes what people do in Slack, at <c>/slack/NAME/interactions</c>. Slack shows an error unless it is answered within
/// three seconds, so it is answered at once and the work is done after that. Whoever pressed is told when it did not count.
/// </summary>
internal sealed class SlackInteractions(SlackChannel channel, HumanChannels channels, TimeProvider clock, ILogger logger)
{
    public async Task Take(HttpContext context)
    {
        var signature = context.Request.Headers["X-Slack-Signature"].ToString();
        var body = await Bodies.Read(context).ConfigureAwait(false);
        if (!channel.Signed(context.Request.Headers["X-Slack-Request-Timestamp"].ToString(), signature, body, clock.GetUtcNow()))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("This was not signed by Slack for this app, or too long ago.", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        try
        {
            // The signature names the message: one that was recorded and is sent again does nothing.
            if (SlackInteraction.Read(Payload(body)) is { } done && await channels.Outbox.Remember(channel.Name, signature, clock.GetUtcNow()).ConfigureAwait(false))
            {
                context.Response.OnCompleted(() => Do(done));
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("This is not what Slack sends.", context.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task Do(SlackInteraction done)
    {
        try
        {
            if (await Answer(done).ConfigureAwait(false) is { } problem)
            {
                await channel.Call("chat.postEphemeral", json =>
                {
                    json.WriteString("channel", done.Channel);
                    json.WriteString("user", done.UserId);
                    json.WriteString("text", SlackText.Encoded(problem));
                }, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is DeliveryException or DatabaseException)
        {
            // The request stays as it is, with its buttons: whoever pressed can press again.
            logger.LogWarning("{Channel}: {Action} of {Request} was not finished: {Reason}", channel.Name, done.Action, done.Request, e.Message);
        }
    }

    /// <summary>Null when it counted, else what to tell whoever did it.</summary>
    private async Task<string?> Answer(SlackInteraction done)
    {
        if (channels.Answers.Find(channel.Name, done.Request) is not var (log, id, asked))
        {
            return "There is no such request any more.";
        }

        if (!log.Thread.OpenRequests.Any(open => open.Id == id))
        {
            return "This request is settled already.";
        }

        try
        {
            RequestDigest.Check(asked, done.Mark);
            if (done.Answer(asked) is { } answer)
            {
                await channels.Answers.Give(channel.Name, "slack:" + channel.Name, done.By(asked), answer with { Digest = done.Mark }).ConfigureAwait(false);
            }
            else if (done is { Action: SlackMessage.Reject or SlackMessage.Answer, Trigger: { } trigger })
            {
                await channel.Call("views.open", json => SlackForm.Write(json, done, trigger, asked), CancellationToken.None).ConfigureAwait(false);
            }

            return null;
        }
        catch (RefusedException e)
        {
            return e.Code switch
            {
                RefusalCode.AlreadyAnswered or RefusalCode.NothingPending or RefusalCode.ThreadEnded or RefusalCode.RequestNotFound =>
                    "This request is settled already; the first answer stands.",
                RefusalCode.HumanRequired => "You are not among those who may answer this. Your attempt was recorded.",
                _ => e.Message,
            };
        }
    }

    private static string Payload(byte[] body) =>
        QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)).TryGetValue("payload", out var payload) ? payload.ToString() : throw new JsonException("There is no payload.");
}
