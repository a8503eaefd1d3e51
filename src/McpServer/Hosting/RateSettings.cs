using System.Globalization;
using AgentMcp.Agents.Models;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Hosting;

/// <summary>The section <c>rate_limits</c>: for each provider how often it may be asked.</summary>
internal static class RateSettings
{
    private static readonly string[] Providers = ["anthropic", "openai", "azure"];
    private static readonly string[] Fields = ["requests", "tokens", "concurrent"];

    /// <exception cref="SettingsException">A limit cannot be used.</exception>
    public static IReadOnlyDictionary<string, RateLimit> Read(IConfigurationSection section) =>
        section.GetChildren().ToDictionary(provider => Known(provider.Key.ToLowerInvariant(), Providers, "provider"), Limit);

    private static RateLimit Limit(IConfigurationSection provider)
    {
        foreach (var field in provider.GetChildren())
        {
            Known(field.Key.ToLowerInvariant(), Fields, $"limit of {provider.Key}");
        }

        return new((int?)Number(provider, "requests"), Number(provider, "tokens"), (int?)Number(provider, "concurrent"));
    }

    private static string Known(string name, string[] known, string what) => known.Contains(name) ? name
        : throw new SettingsException($"The setting rate_limits knows no {what} '{name}'; there are {string.Join(", ", known)}.", "rate_limits");

    private static long? Number(IConfigurationSection provider, string name) => provider[name] switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 => number,
        var text => throw new SettingsException($"The setting rate_limits:{provider.Key}:{name} must be a whole number of at least 1, not '{text}'.", "rate_limits"),
    };
}
