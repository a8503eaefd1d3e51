using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Channels;

/// <summary>One channel as it is configured. Checked when it is read: a server does not start with half a channel.</summary>
internal sealed class ChannelSettings : NamedSettings
{
    private static readonly Dictionary<string, (string[] Needed, string[] Optional)> Types = new(StringComparer.Ordinal)
    {
        ["webhook"] = (["url", "secret"], []),
        ["slack"] = (["token", "signing_secret", "to"], ["base_url"]),
        ["email"] = (["host", "from", "to"], ["port", "security", "user", "password"]),
    };

    private ChannelSettings(IConfigurationSection section)
        : base("channel", section, ["attempts"], Types, harmless: ["port", "security", "attempts"])
    {
        Attempts = Number("attempts", 1, 10_000) ?? Backoff.Attempts;
        Channel = Type switch
        {
            "webhook" => new Webhook.WebhookChannel(this),
            "slack" => new Slack.SlackChannel(this),
            _ => new Email.EmailChannel(this),
        };
    }

    public int Attempts { get; }

    public IHumanChannel Channel { get; }

    /// <exception cref="SettingsException">A channel cannot be used; the message names it and the field, never its value.</exception>
    public static IReadOnlyList<ChannelSettings> Read(IConfigurationSection channels) => [.. channels.GetChildren().Select(section => new ChannelSettings(section))];
}
