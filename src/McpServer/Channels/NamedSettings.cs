using System.Text.RegularExpressions;
using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Channels;

/// <summary>
/// A channel or trigger as it is configured: its fields by name, for its type. Most hold secrets or addresses, so
/// nothing here is ever printed but through <see cref="Shown"/>.
/// </summary>
internal abstract partial class NamedSettings
{
    private readonly string _noun;
    private readonly string[] _harmless;
    private readonly Dictionary<string, string> _fields;

    /// <param name="common">Fields that every type may have.</param>
    /// <param name="types">The fields each type needs, and those it may have.</param>
    /// <param name="harmless">Fields that say nothing about whom they reach and let nobody in.</param>
    /// <exception cref="SettingsException">A field is missing, or unknown.</exception>
    protected NamedSettings(string noun, IConfigurationSection section, string[] common, Dictionary<string, (string[] Needed, string[] Optional)> types, string[] harmless)
    {
        (_noun, _harmless, Name, _fields) = (noun, harmless, section.Key.ToLowerInvariant(), Fields(section));
        if (!NameForm().IsMatch(Name))
        {
            throw Wrong("its name may have letters, digits, _ and -, and at most 40 of them");
        }

        Type = Find("type") ?? throw Wrong($"it needs a type: {string.Join(", ", types.Keys)}");
        if (!types.TryGetValue(Type, out var type))
        {
            throw Wrong($"its type must be {string.Join(" or ", types.Keys)}, not '{Type}'");
        }

        string[] known = ["type", .. common, .. type.Needed, .. type.Optional];
        if (_fields.Keys.FirstOrDefault(field => !known.Contains(field)) is { } stray)
        {
            throw Wrong($"there is no '{stray}' for {Type}; there are {string.Join(", ", known)}");
        }

        if (type.Needed.FirstOrDefault(field => Find(field) is null) is { } missing)
        {
            throw Wrong($"{Type} needs {missing}");
        }
    }

    public string Name { get; }

    public string Type { get; }

    /// <summary>What lets somebody in.</summary>
    public IEnumerable<string> Secrets => _fields.Keys.Where(KnownSecrets.IsName).SelectMany(name => List(name).Append(Get(name)));

    public string? Find(string field) => _fields.GetValueOrDefault(field);

    public string Get(string field) => _fields[field];

    public int? Number(string field, int least, int most) => Find(field) is not { } text ? null
        : int.TryParse(text, System.Globalization.NumberStyles.None, null, out var number) && number >= least && number <= most ? number
        : throw Wrong($"{field} must be a number from {least} to {most}");

    public Uri Address(string field, string? standard = null) =>
        Uri.TryCreate(Find(field) ?? standard, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && address.UserInfo.Length == 0
            ? address
            : throw Wrong($"{field} must be an address that begins with https:// or http://, without a user in it");

    /// <summary>The items of a field that was given as a list or as one text; none when it was not given.</summary>
    public IReadOnlyList<string> List(string field) => (Find(field) ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public SettingsException Wrong(string what) => new($"The {_noun} '{Name}' cannot be used: {what}. See {_noun}s in appsettings.json, or AGENTMCP_{_noun.ToUpperInvariant()}S__{Name.ToUpperInvariant()}__*.");

    /// <summary>The fields in words: that they are set, and no more.</summary>
    public string Shown() => string.Join(", ", _fields.Where(field => field.Key != "type").Select(field => $"{field.Key} {(_harmless.Contains(field.Key) ? field.Value : "(set)")}").Prepend(Type));

    // A list may be given as one, or as one text with commas; fields within a field as name=value.
    private static Dictionary<string, string> Fields(IConfigurationSection section) => section.GetChildren()
        .Select(field => (Name: field.Key.ToLowerInvariant(), Value: field.Value ?? string.Join(',', field.GetChildren().Select(one => int.TryParse(one.Key, out _) ? one.Value : $"{one.Key}={one.Value}"))))
        .Where(field => !string.IsNullOrWhiteSpace(field.Value))
        .ToDictionary(field => field.Name, field => field.Value.Trim(), StringComparer.Ordinal);

    [GeneratedRegex("^[a-z0-9_-]{1,40}$", RegexOptions.NonBacktracking)]
    private static partial Regex NameForm();
}
