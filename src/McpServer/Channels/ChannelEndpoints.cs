using AgentMcp.Server.Channels.Slack;
using AgentMcp.Server.Channels.Webhook;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Triggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMcp.Server.Channels;

/// <summary>Where channels come back in, and triggers come in. Each path is there only when such a one is configured.</summary>
internal static class ChannelEndpoints
{
    public static void Map(IEndpointRouteBuilder app, Core core)
    {
        foreach (var channel in core.Channels.All)
        {
            switch (channel)
            {
                case WebhookChannel webhook:
                    app.MapPost($"/hooks/{webhook.Name}", new WebhookAnswers(webhook, core.Channels.Answers, core.Channels.Outbox, core.Clock).Take).WithMetadata(Signed.Here);
                    break;
                case SlackChannel slack:
                    app.MapPost($"/slack/{slack.Name}/interactions", new SlackInteractions(slack, core.Channels, core.Clock, core.Log).Take).WithMetadata(Signed.Here);
                    break;
            }
        }

        foreach (var trigger in core.Triggers.All)
        {
            app.MapPost($"/triggers/{trigger.Name}", new TriggerEndpoint(trigger, core).Take).WithMetadata(Signed.Here);
        }
    }

    /// <summary>Whether the request is for one of these. Their senders are elsewhere and sign what they send, so neither Host nor Origin says anything about them.</summary>
    public static bool AreAskedFor(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Signed>() is not null;

    private sealed class Signed
    {
        public static readonly Signed Here = new();
    }
}
