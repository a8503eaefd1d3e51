using AgentMcp.Server.Channels;
using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Triggers;

/// <summary>One trigger as it is configured: what it listens to, whom it lets in, and which agent it starts.</summary>
internal sealed class TriggerSettings : NamedSettings
{
    public const string Anybody = "*";

    private static readonly string[] Common = ["agent", "agents", "routes", "from", "channel"];

    private static readonly Dictionary<string, (string[] Needed, string[] Optional)> Types = new(StringComparer.Ordinal)
    {
        ["webhook"] = ([], ["secret"]),
        ["slack"] = (["channel", "from"], []),
        ["email"] = (["from"], ["secret", "verified_by"]),
    };

    private readonly IReadOnlyList<string> _from;
    private readonly Dictionary<string, string> _routes;

    private TriggerSettings(IConfigurationSection section, IReadOnlyList<ChannelSettings> channels)
        : base("trigger", section, Common, Types, harmless: ["agent", "agents", "channel", "verified_by"])
    {
        Agents = [.. List("agents"), .. Find("agent") is { } agent ? [agent] : Array.Empty<string>()];
        _routes = List("routes").Select(route => route.Split('=', 2) is [var from, var to] && from.Length > 0 && to.Length > 0 ? (from, to)
            : throw Wrong("routes must be fields, each an agent by what it is for")).ToDictionary(route => route.from, route => route.to, StringComparer.OrdinalIgnoreCase);
        if (Find("agent") is null && _routes.Count == 0 && Agents.Count == 0)
        {
            throw Wrong("it must name the agent it starts: agent, or routes");
        }

        _from = List("from");
        Channels = [.. List("channel").Select(name => channels.FirstOrDefault(channel => channel.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw Wrong($"there is no channel '{name}'{(channels.Count == 0 ? "; none is configured" : $"; there are {string.Join(", ", channels.Select(channel => channel.Name))}")}"))];
        Trigger = Type switch
        {
            "webhook" => new WebhookTrigger(this),
            "slack" => new SlackTrigger(this),
            _ => new EmailTrigger(this),
        };
    }

    public ITrigger Trigger { get; }

    /// <summary>The channels it works with: replies go through them.</summary>
    public IReadOnlyList<ChannelSettings> Channels { get; }

    /// <summary>The first of its channels of a kind; null when it has none.</summary>
    public T? Through<T>()
        where T : class, IHumanChannel => Channels.Select(channel => channel.Channel).OfType<T>().FirstOrDefault();

    /// <summary>The agents a message may name.</summary>
    public IReadOnlyList<string> Agents { get; }

    /// <summary>Every agent it may start.</summary>
    public IEnumerable<string> Starts => Agents.Concat(_routes.Values).Distinct(StringComparer.Ordinal);

    /// <exception cref="SettingsException">A trigger cannot be used; the message names it and the field, never its value.</exception>
    public static IReadOnlyList<TriggerSettings> Read(IConfigurationSection triggers, IReadOnlyList<ChannelSettings> channels) =>
        [.. triggers.GetChildren().Select(section => new TriggerSettings(section, channels))];

    /// <summary>Whether a sender is let in. Where nobody is listed, whoever can sign is.</summary>
    public bool LetsIn(string? sender) => _from.Count == 0 || _from.Any(one => one == Anybody || (sender is not null && (one.StartsWith('@') && sender.Contains('@')
        ? sender.EndsWith(one, StringComparison.OrdinalIgnoreCase) : sender.Equals(one, StringComparison.OrdinalIgnoreCase))));

    /// <summary>The agent for what is of this kind, or came to this place; null when there is none.</summary>
    public string? AgentFor(params ReadOnlySpan<string?> keys)
    {
        foreach (var key in keys)
        {
            if (key is not null && _routes.TryGetValue(key, out var routed))
            {
                return routed;
            }
        }

        return Find("agent");
    }
}
