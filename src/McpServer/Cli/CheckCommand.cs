using System.CommandLine;
using AgentMcp.Agents.Files;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

/// <summary>Looks at agent files without running any: all that is wrong, not only the first, and what is probably not meant.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var folder = new Argument<string?>("DIR") { Description = "A folder of agent files; without one, those of --agents.", Arity = ArgumentArity.ZeroOrOne };
        var schema = new Option<bool>("--schema") { Description = "Print the JSON Schema of the front matter, for editors, and check nothing." };
        var strict = new Option<bool>("--strict") { Description = "Let warnings fail the check too." };
        var command = new Command("check", "Check a folder of agent files: every problem with file, line, reason and, for a slip of the keyboard, what was meant.") { folder, schema, strict };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(schema))
            {
                Console.Out.Write(AgentFileSchema.Text);
                return ExitCode.Done;
            }

            var settings = parsed.GetValue(folder) is { } named
                ? SharedOptions.SettingsOf(parsed, ("agents", named), ("agents_home", "off"))
                : SharedOptions.SettingsOf(parsed);
            if (settings.AgentFolders.Count == 0 && (settings.AgentsHome is not { } home || !Directory.Exists(home)))
            {
                throw new UsageException("Which folder? Give its name (agentmcp check ./agents), or set --agents.");
            }

            var (files, remarks) = BuiltIn.Folders(settings).Check();
            var screen = new Screen(parsed.GetValue(SharedOptions.Json));
            if (screen.WantsJson)
            {
                Screen.Json(Json(files, remarks));
            }
            else
            {
                Print(screen, files, remarks);
            }

            return remarks.Any(remark => remark.Kind == RemarkKind.Problem || (parsed.GetValue(strict) && remark.Kind == RemarkKind.Warning)) ? ExitCode.Failed : ExitCode.Done;
        });
        Help.Of(command, "agentmcp check ./agents", "agentmcp check .claude/agents --json", "agentmcp check --schema > agent-file.schema.json");
        return command;
    }

    private static void Print(Screen screen, int files, IReadOnlyList<Remark> remarks)
    {
        foreach (var remark in remarks)
        {
            var said = remark.ToString();
            var place = remark.Line > 0 ? $"{remark.Path}:{remark.Line}: " : $"{remark.Path}: ";
            screen.Line((place, Tone.Plain), (WireName.Of(remark.Kind), remark.Kind switch { RemarkKind.Problem => Tone.Bad, RemarkKind.Warning => Tone.Wait, _ => Tone.Dim }), ($": {said[place.Length..]}", Tone.Plain));
        }

        screen.Line($"{Count(files, "file")}, {Count(remarks.Count(remark => remark.Kind == RemarkKind.Problem), "problem")}, {Count(remarks.Count(remark => remark.Kind == RemarkKind.Warning), "warning")}.");
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static JsonText Json(int files, IReadOnlyList<Remark> remarks) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("ok", remarks.All(remark => remark.Kind != RemarkKind.Problem));
        writer.WriteNumber("files", files);
        writer.WriteStartArray("remarks");
        foreach (var remark in remarks)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", WireName.Of(remark.Kind));
            writer.WriteString("file", remark.Path);
            writer.WriteNumber("line", remark.Line);
            writer.WriteString("reason", remark.Reason);
            writer.WriteString("suggestion", remark.Meant);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
