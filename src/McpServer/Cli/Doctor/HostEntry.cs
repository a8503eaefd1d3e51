using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Cli.Doctor;

/// <summary>
/// The entry that makes an MCP host start this program. A host passes on little of its environment, so settings that
/// differ from their defaults are written out; keys and tokens are left for the user to add.
/// </summary>
internal static class HostEntry
{
    private static readonly string[] Paths = ["db", "mcp", "deploy_repo", "deploy_releases"];

    public static JsonText Json(Settings settings) => JsonText.Write(writer =>
    {
        var (program, arguments) = Self.Command("stdio");
        writer.WriteStartObject();
        writer.WriteStartObject("mcpServers");
        writer.WriteStartObject("agentmcp");
        writer.WriteString("command", program);
        writer.WriteStartArray("args");
        foreach (var argument in arguments)
        {
            writer.WriteStringValue(argument);
        }

        writer.WriteEndArray();
        var chosen = Settings.Known.Where(setting => settings.Shown(setting.Name) is { } value && value != setting.Default && value != "(set)").ToList();
        if (chosen.Count > 0)
        {
            writer.WriteStartObject("env");
            foreach (var (name, _, _) in chosen)
            {
                var value = settings.Shown(name)!;
                writer.WriteString($"AGENTMCP_{name.ToUpperInvariant()}", name.StartsWith("agents", StringComparison.Ordinal) ? AgentPlaces.FromRoot(value) : Paths.Contains(name) ? Path.GetFullPath(value) : value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
