using AgentMcp.Agents.Files;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Hosting;

/// <summary>Names that were given and that no setting has, such as <c>AGENTMCP_APPROVAL</c>: what they say holds nowhere.</summary>
internal sealed partial class Settings
{
    private const string Prefix = "AGENTMCP_";

    /// <summary>Every such name in a sentence, with the setting that was probably meant. They can be told also where the settings cannot be used.</summary>
    public static IReadOnlyList<string> Strays()
    {
        try
        {
            return [.. StraysOf(Sources().Build()).Select(stray => stray.Told)];
        }
        catch (InvalidDataException)
        {
            // Load says why.
            return [];
        }
    }

    /// <summary>Tells of those that are nearly a setting. Others may be meant for other programs.</summary>
    public void WarnOfStrays(ILoggerFactory logs)
    {
        foreach (var stray in StraysOf(_given).Where(stray => stray.IsSlip))
        {
            logs.CreateLogger<Settings>().LogWarning("{Stray}", stray.Told);
        }
    }

    private static IEnumerable<(string Told, bool IsSlip)> StraysOf(IConfigurationRoot given)
    {
        List<string> known = [.. Known.Select(setting => setting.Name), .. Sections];
        var strays = from source in given.Providers
                     where source is JsonConfigurationProvider or EnvironmentVariablesConfigurationProvider
                     from name in source.GetChildKeys([], null).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)
                     where !name.StartsWith('$') && !known.Contains(name, StringComparer.OrdinalIgnoreCase)
                     let meant = Nearest.To(name, known)
                     let form = source is JsonConfigurationProvider ? InFile : InEnvironment(source.GetChildKeys([], name).Any())
                     select ($"{form(name)}{(source is JsonConfigurationProvider ? " in appsettings.json" : "")} is no setting{(meant is null ? "." : $"; did you mean {form(meant)}?")}", meant is not null);
        // One file is read twice where the program is started in its own folder.
        return strays.Distinct();
    }

    private static string InFile(string name) => $"'{name}'";

    private static Func<string, string> InEnvironment(bool hasFields) => name => $"{Prefix}{name.ToUpperInvariant()}{(hasFields ? "__*" : "")}";
}
