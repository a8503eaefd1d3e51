using System.CommandLine;
using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Cli;

/// <summary>Options every command takes. Each one that is a setting goes by the setting's name.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Log everything that happens to standard error. (AGENTMCP_LOG=verbose)", Recursive = true };

    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON only.", Recursive = true };

    private static readonly Option<string>[] Overrides =
    [
        Setting("db", "FILE"), Setting("agents", "DIR"), Setting("model", "MODEL"), Setting("mcp", "FILE"), Setting("approvals", "WHO"), Setting("pause", "FORM"),
    ];

    public static IEnumerable<Option> All => [.. Overrides, Json, Verbose];

    /// <exception cref="SettingsException">A value cannot be used.</exception>
    public static Settings SettingsOf(ParseResult parsed, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var given = Overrides.ToDictionary(option => option.Name.TrimStart('-'), parsed.GetValue);
        given["log"] = parsed.GetValue(Verbose) ? "verbose" : null;
        foreach (var (name, value) in more)
        {
            given[name] = value;
        }

        return Settings.Load(given, (parsed.RootCommandResult.Command as AppCommand)?.App);
    }

    /// <summary>The settings this command line chose itself, as the next one has to repeat them.</summary>
    public static IEnumerable<string> Given(ParseResult parsed) =>
        Overrides.Where(option => parsed.GetValue(option) is not null).SelectMany(option => new[] { option.Name, Shell.Quote(parsed.GetValue(option)!) });

    /// <summary>The model this command line named itself.</summary>
    public static string? ModelOf(ParseResult parsed) => parsed.GetValue(Overrides.Single(option => option.Name == "--model"));

    private static Option<string> Setting(string name, string value)
    {
        var known = Settings.Known.First(setting => setting.Name == name);
        return new Option<string>($"--{name}") { Description = $"{known.Meaning} (AGENTMCP_{name.ToUpperInvariant()})", HelpName = value, Recursive = true }.NeverEmpty();
    }

    /// <summary>An option that is given empty, as by a variable of the shell that is not set, is a mistake: it must not hide the setting and bring back its default.</summary>
    public static Option<T> NeverEmpty<T>(this Option<T> option)
        where T : class?
    {
        option.Validators.Add(given =>
        {
            if (string.IsNullOrWhiteSpace(given.GetValueOrDefault<string?>()))
            {
                given.AddError($"{option.Name} takes {option.HelpName}, not nothing.");
            }
        });
        return option;
    }

    /// <inheritdoc cref="NeverEmpty{T}(Option{T})"/>
    public static Argument<string> NeverEmpty(this Argument<string> argument)
    {
        argument.Validators.Add(given =>
        {
            if (string.IsNullOrWhiteSpace(given.GetValueOrDefault<string?>()))
            {
                given.AddError($"{argument.Name} cannot be empty.");
            }
        });
        return argument;
    }
}

internal static class Shell
{
    /// <summary>One word of a command line that can be pasted into a shell.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=@\\".Contains(c)) ? word
        : OperatingSystem.IsWindows() ? $"\"{word}\"" : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
