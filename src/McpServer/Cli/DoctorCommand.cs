using System.CommandLine;
using AgentMcp.Server.Cli.Doctor;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

internal static class DoctorCommand
{
    public static Command Create()
    {
        var verify = new Option<bool>("--verify") { Description = "Read the whole database too: fold every log anew and compare all that follows from it." };
        var rebuild = new Option<bool>("--rebuild") { Description = "Make the list of threads anew from the logs, then verify." };
        var command = new Command("doctor", "Check the installation and show the settings in force, what is broken and how to mend it. Changes nothing, unless told to rebuild.") { verify, rebuild };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (settings, wrong) = Usable(parsed);
            IReadOnlyList<Finding> findings = [.. wrong, .. Settings.Strays().Select(stray => Finding.Note("settings", stray)), .. settings is null ? [] : await Examination.Of(settings, cancellation).ConfigureAwait(false),
                .. settings is not null && (parsed.GetValue(verify) || parsed.GetValue(rebuild)) ? VerifyFindings.Of(settings.Database, parsed.GetValue(rebuild)) : []];
            var screen = new Screen(parsed.GetValue(SharedOptions.Json));
            if (screen.WantsJson)
            {
                Screen.Json(Json(findings, settings));
            }
            else
            {
                Print(screen, findings, settings);
            }

            return findings.Any(finding => finding.Health == Health.Broken) ? ExitCode.Failed : ExitCode.Done;
        });
        Help.Of(command, "agentmcp doctor", "agentmcp doctor --model openai:gpt-5 --json", "agentmcp doctor --verify");
        return command;
    }

    /// <summary>The settings with every value that cannot be used put back to its default, so that all the rest can be looked at.</summary>
    private static (Settings? Settings, IReadOnlyList<Finding> Wrong) Usable(ParseResult parsed)
    {
        List<Finding> wrong = [];
        Dictionary<string, string?> defaults = [];
        while (true)
        {
            try
            {
                return (SharedOptions.SettingsOf(parsed, [.. defaults.Select(one => (one.Key, one.Value))]), wrong);
            }
            catch (SettingsException e) when (e.Setting is { } name && Settings.Known.Any(setting => setting.Name == name) && !defaults.ContainsKey(name))
            {
                wrong.Add(Finding.Broken("settings", $"{e.Message} Change AGENTMCP_{name.ToUpperInvariant()}, or {name} in appsettings.json."));
                defaults[name] = Settings.Known.First(setting => setting.Name == name).Default ?? "";
            }
            catch (SettingsException e)
            {
                return (null, [.. wrong, Finding.Broken("settings", e.Message)]);
            }
        }
    }

    private static void Print(Screen screen, IReadOnlyList<Finding> findings, Settings? settings)
    {
        foreach (var (name, health, detail) in findings)
        {
            screen.Line((Word(health).PadRight(8), health switch { Health.Ok => Tone.Good, Health.Note => Tone.Wait, _ => Tone.Bad }), (name.PadRight(11), Tone.Strong), (detail, Tone.Plain));
        }

        if (settings is not null)
        {
            screen.Line();
            screen.Line("Settings in force (appsettings.json, then AGENTMCP_*, then options):", Tone.Strong);
            foreach (var (name, standard, meaning) in Settings.Known)
            {
                var value = name == "db" ? Path.GetFullPath(settings.Database) : settings.Shown(name);
                screen.Line(($"  {name,-25}", Tone.Plain), ((value ?? "-").PadRight(24), settings.Shown(name) == standard ? Tone.Dim : Tone.Wait), ($" {meaning}", Tone.Dim));
            }

            screen.Line();
            screen.Line("To use it from an MCP host (Claude Desktop, Cursor, ...), add to its configuration:", Tone.Strong);
            Screen.Json(HostEntry.Json(settings));
        }

        var broken = findings.Count(finding => finding.Health == Health.Broken);
        screen.Line();
        screen.Line(broken == 0 ? "Nothing is broken." : $"{broken} broken: see FAILED above.", broken == 0 ? Tone.Good : Tone.Bad);
    }

    private static JsonText Json(IReadOnlyList<Finding> findings, Settings? settings) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("ok", findings.All(finding => finding.Health != Health.Broken));
        writer.WriteStartArray("checks");
        foreach (var (name, health, detail) in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("status", WireName.Of(health));
            writer.WriteString("detail", detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (settings is not null)
        {
            writer.WriteStartObject("settings");
            foreach (var (name, _, _) in Settings.Known)
            {
                writer.WriteString(name, name == "db" ? Path.GetFullPath(settings.Database) : settings.Shown(name));
            }

            writer.WriteEndObject();
            writer.WritePropertyName("host_entry");
            writer.WriteRawValue(HostEntry.Json(settings).Text);
        }

        writer.WriteEndObject();
    });

    private static string Word(Health health) => health switch
    {
        Health.Ok => "ok",
        Health.Note => "note",
        _ => "FAILED",
    };
}
