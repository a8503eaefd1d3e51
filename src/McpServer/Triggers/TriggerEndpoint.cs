using AgentMcp.Server.Channels;
using AgentMcp.Server.Channels.Webhook;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Triggers;

/// <summary>
/// Takes what is posted to <c>/triggers/NAME</c>. A message is stored before its sender is told that it was taken, and
/// worked on after that; one that comes twice is known by its id and does nothing.
/// </summary>
internal sealed class TriggerEndpoint(ITrigger trigger, Core core)
{
    public async Task Take(HttpContext context)
    {
        var now = core.Clock.GetUtcNow();
        var body = await Bodies.Read(context).ConfigureAwait(false);
        var receipt = trigger.Read(new(context.Request.Headers, body, now, conversation => core.Triggers.Knows(trigger, conversation)));
        try
        {
            await (receipt switch
            {
                Receipt.Refused refused => Replies.Send(context, refused.Status, refused.Code, refused.Message),
                Receipt.Echo echo => context.Response.WriteAsync(echo.Text, context.RequestAborted),
                Receipt.Ignored ignored => Ignore(context, ignored.Why),
                Receipt.Taken taken => Store(context, taken with { What = taken.What.WithoutLinks() }, now),
                _ => throw new InvalidOperationException(receipt.GetType().Name),
            }).ConfigureAwait(false);
        }
        catch (RefusedException e)
        {
            await Replies.Send(context, Replies.Status(e.Code), WireName.Of(e.Code), e.Message).ConfigureAwait(false);
        }
    }

    private Task Ignore(HttpContext context, string why)
    {
        core.Log.LogInformation("{Trigger} does nothing with a message: {Why}", trigger.Name, why);
        return Replies.Send(context, StatusCodes.Status200OK, "ignored", $"Nothing is done with this: {why}.");
    }

    private async Task Store(HttpContext context, Receipt.Taken taken, DateTimeOffset now)
    {
        var arrivals = core.Triggers.Arrivals;
        if (arrivals.IsKnown(trigger.Name, taken.Id))
        {
            await Replies.Send(context, StatusCodes.Status200OK, "duplicate", "This message was taken before.").ConfigureAwait(false);
            return;
        }

        core.Triggers.Check(trigger, taken.What);
        var isNew = await arrivals.Take(trigger.Name, taken.Id, (taken.What as Incoming.Message)?.Conversation, taken.What.Json(), now).ConfigureAwait(false);
        await Replies.Send(context, StatusCodes.Status200OK, isNew ? "accepted" : "duplicate",
            isNew ? "The message is stored and is worked on now." : "This message was taken before.").ConfigureAwait(false);
    }
}
