using System.Text.RegularExpressions;
using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Channels;

/// <summary>
/// One channel as it is configured: its fields by name. Most hold secrets or addresses, so nothing here is ever
/// printed but through <see cref="Shown"/>. Checked when it is read: a server does not start with half a channel.
/// </summary>
internal sealed partial class ChannelSettings
{
    private static readonly Dictionary<string, (string[] Needed, string[] Optional)> Types = new(StringComparer.Ordinal)
    {
        ["webhook"] = (["url", "secret"], []),
        ["slack"] = (["token", "signing_secret", "to"], ["base_url"]),
        ["email"] = (["host", "from", "to"], ["port", "security", "user", "password"]),
    };

    /// <summary>What says nothing about whom it reaches and lets nobody in.</summary>
    private static readonly string[] Harmless = ["type", "port", "security", "attempts"];

    private readonly Dictionary<string, string> _fields;

    private ChannelSettings(string name, Dictionary<string, string> fields)
    {
        (Name, _fields) = (name, fields);
        if (!NameForm().IsMatch(name))
        {
            throw Wrong("its name may have letters, digits, _ and -, and at most 40 of them");
        }

        Type = Find("type") ?? throw Wrong($"it needs a type: {string.Join(", ", Types.Keys)}");
        if (!Types.TryGetValue(Type, out var type))
        {
            throw Wrong($"its type must be {string.Join(" or ", Types.Keys)}, not '{Type}'");
        }

        string[] known = ["type", "attempts", .. type.Needed, .. type.Optional];
        if (fields.Keys.FirstOrDefault(field => !known.Contains(field)) is { } stray)
        {
            throw Wrong($"there is no '{stray}' for {Type}; there are {string.Join(", ", known)}");
        }

        if (type.Needed.FirstOrDefault(field => Find(field) is null) is { } missing)
        {
            throw Wrong($"{Type} needs {missing}");
        }

        Attempts = Number("attempts", 1, 10_000) ?? Backoff.Attempts;
        Channel = Type switch
        {
            "webhook" => new Webhook.WebhookChannel(this),
            "slack" => new Slack.SlackChannel(this),
            _ => new Email.EmailChannel(this),
        };
    }

    public string Name { get; }

    public string Type { get; }

    public int Attempts { get; }

    public IHumanChannel Channel { get; }

    /// <exception cref="SettingsException">A channel cannot be used; the message names it and the field, never its value.</exception>
    public static IReadOnlyList<ChannelSettings> Read(IConfigurationSection channels) =>
        [.. channels.GetChildren().Select(section => new ChannelSettings(section.Key.ToLowerInvariant(), Fields(section)))];

    public string? Find(string field) => _fields.GetValueOrDefault(field);

    public string Get(string field) => _fields[field];

    public int? Number(string field, int least, int most) => Find(field) is not { } text ? null
        : int.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) && number >= least && number <= most ? number
        : throw Wrong($"{field} must be a number from {least} to {most}");

    public Uri Address(string field, string? standard = null) =>
        Uri.TryCreate(Find(field) ?? standard, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && address.UserInfo.Length == 0
            ? address
            : throw Wrong($"{field} must be an address that begins with https:// or http://, without a user in it");

    public IReadOnlyList<string> List(string field) => Get(field).Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public SettingsException Wrong(string what) => new($"The channel '{Name}' cannot be used: {what}. See channels in appsettings.json, or AGENTMCP_CHANNELS__{Name.ToUpperInvariant()}__*.");

    /// <summary>The fields in words: that they are set, and no more.</summary>
    public string Shown() => string.Join(", ", _fields.Where(field => field.Key != "type").Select(field => $"{field.Key} {(Harmless.Contains(field.Key) ? field.Value : "(set)")}").Prepend(Type));

    // A list may be given as one, or as one text with commas.
    private static Dictionary<string, string> Fields(IConfigurationSection section) => section.GetChildren()
        .Select(field => (Name: field.Key.ToLowerInvariant(), Value: field.Value ?? string.Join(',', field.GetChildren().Select(one => one.Value))))
        .Where(field => !string.IsNullOrWhiteSpace(field.Value))
        .ToDictionary(field => field.Name, field => field.Value.Trim(), StringComparer.Ordinal);

    [GeneratedRegex("^[a-z0-9_-]{1,40}$", RegexOptions.NonBacktracking)]
    private static partial Regex NameForm();
}
