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

    /// <summary>The tool of another server; null for any other. One that the agent no longer lists is gone for all but what has begun.</summary>
    public static Tool? Recall(JsonElement was, Microagent today, IToolServers? servers)
    {
        if (servers is null || !was.TryGetProperty(Member, out var from))
        {
            return null;
        }

        var origin = new ServerTool(from.GetProperty("server").GetString()!, from.GetProperty("tool").GetString()!, from.TryGetProperty("agent", out _));
        var effect = Enum.Parse<Effect>(was.GetProperty("effect").GetString()!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
        var tool = servers.Recall(origin) with { Effect = effect };
        // What goes on at a server that is not configured here, another process may know, and one that holds a call waits for its answer.
        tool = tool is { IsGone: true, Elsewhere: { } elsewhere }
            ? tool with { Elsewhere = elsewhere with { Moved = (_, _) => throw UnknownHere(tool), End = (_, _) => throw UnknownHere(tool) } } : tool;
        return today.Intents.OfType<ServerTools>().FirstOrDefault(listed => ServerTools.Matches(listed.Name, origin.Name)) is { } listed
            ? listed.Changed(tool)
            : Unlisted(tool, today.Name);
    }

    // An edit holds for what begins later: what a call has under way is looked after, gone on with and ended. What only
    // trust allowed is asked about where there is none any more.
    private static Tool Unlisted(Tool tool, string agent) => tool with
    {
        IsGone = true,
        Run = (call, cancellation) => call.Relayed is not null || (call.Attempt > 1 && call.Effect != Effect.Effectful)
            ? tool.Run(call, cancellation)
            : throw Gone(tool.Name, agent),
    };

    private static UnknownHereException UnknownHere(Tool tool) => new($"{tool.Name} is no tool of a server that it knows");

    /// <summary>It was chosen by an agent that had it.</summary>
    public static ToolException Gone(string tool, string agent) => new($"{tool} is no longer a tool of {agent}; choose another one or ask");
}

/// <summary>This process cannot look after a call; others on the database may have other servers, and other programs.</summary>
internal sealed class UnknownHereException(string message) : ToolException(message);
