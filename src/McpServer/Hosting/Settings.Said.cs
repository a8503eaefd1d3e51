using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// What is said of each setting, in whichever form. One that cannot be understood is never taken for one that was not
/// given: its default may let in more than somebody meant.
/// </summary>
internal sealed partial class Settings
{
    /// <summary>Settings that hold several values, and what stands between these.</summary>
    private static readonly Dictionary<string, char> Lists = new(StringComparer.Ordinal)
    {
        ["agents"] = Path.PathSeparator,
        ["notify"] = ',',
        ["auth"] = ',',
        ["hosts"] = ',',
        ["proxies"] = ',',
        ["oidc_scopes"] = ' ',
        ["oidc_roles"] = ' ',
    };

    /// <summary>Settings that have settings of their own.</summary>
    private static readonly string[] Sections = [Upstream.UpstreamSettings.Section, "channels", "triggers", "allow", "rate_limits"];

    private static Dictionary<string, string?> AllSaid(IConfigurationRoot given)
    {
        if (Sections.FirstOrDefault(section => !string.IsNullOrWhiteSpace(given[section])) is { } flat)
        {
            throw new SettingsException($"The setting {flat} takes fields, not a text.", flat);
        }

        return Known.ToDictionary(setting => setting.Name, setting => Said(given, setting.Name), StringComparer.Ordinal);
    }

    // The configuration merges a text in one source with a list in another; here the last that says anything counts, whole.
    private static string? Said(IConfigurationRoot given, string name)
    {
        foreach (var source in given.Providers.Reverse())
        {
            if (source.TryGet(name, out var text))
            {
                // A variable that is set to nothing, as a container does it whose own is missing, must not silence the file.
                if (string.IsNullOrWhiteSpace(text) && source is EnvironmentVariablesConfigurationProvider)
                {
                    continue;
                }

                return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
            }

            if (source.GetChildKeys([], name).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } items)
            {
                return Joined(name, [.. items.Select(item => int.TryParse(item, out _) && source.TryGet(ConfigurationPath.Combine(name, item), out var one) ? one : null)]);
            }
        }

        return null;
    }

    private static string Joined(string name, IReadOnlyList<string?> items) =>
        !Lists.TryGetValue(name, out var between) ? throw new SettingsException($"The setting {name} takes one value, not a list or fields.", name)
        : items.Any(string.IsNullOrWhiteSpace) ? throw new SettingsException($"The setting {name} takes a text or a list of texts.", name)
        : string.Join(between, items.Select(item => item!.Trim()));
}
