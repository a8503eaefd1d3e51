using System.Text.Json;

namespace AgentMcp.Agents.Tools;

/// <summary>A tool of another server in a stored definition: where it comes from, so that it is known without asking there.</summary>
internal static class ServerToolJson
{
    private const string Member = "from";

    public static void Write(Utf8JsonWriter writer, ServerTool? origin)
    {
        if (origin is null)
        {
            return;
        }

        writer.WriteStartObject(Member);
        writer.WriteString("server", origin.Server);
        writer.WriteString("tool", origin.Tool);
        if (origin.IsAgent)
        {
            writer.WriteBoolean("agent", true);
        }

        writer.WriteEndObject();
    }

    /// <summary>The tool, as far as the agent still lists it; null for any other.</summary>
    public static Tool? Recall(JsonElement was, Microagent today, IToolServers? servers)
    {
        if (servers is null || !was.TryGetProperty(Member, out var from))
        {
            return null;
        }

        var origin = new ServerTool(from.GetProperty("server").GetString()!, from.GetProperty("tool").GetString()!, from.TryGetProperty("agent", out _));
        var effect = Enum.Parse<Effect>(was.GetProperty("effect").GetString()!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
        return today.Intents.OfType<ServerTools>().FirstOrDefault(listed => ServerTools.Matches(listed.Name, origin.Name)) is { } listed
            ? listed.Changed(servers.Recall(origin) with { Effect = effect })
            : null;
    }
}
