using AgentMcp.Agents.Context;
using AgentMcp.Agents.Files;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tools;

/// <summary>An agent with the tools of other servers in their places, as a thread begins with them.</summary>
internal static class ServerToolSet
{
    /// <exception cref="RefusedException">A server cannot be reached, or has no such tool; the message says which there are.</exception>
    public static async Task<Microagent> Resolve(Microagent agent, IToolServers servers)
    {
        var offered = new Dictionary<string, IReadOnlyList<OfferedTool>>(StringComparer.Ordinal);
        // Servers take their time to start: all at once.
        foreach (var (server, tools) in await Task.WhenAll(agent.Intents.OfType<ServerTools>().Select(listed => listed.Server).Distinct()
            .Select(async server => (server, await Offered(agent, server, servers).ConfigureAwait(false)))).ConfigureAwait(false))
        {
            offered[server] = tools;
        }

        var intents = agent.Intents.SelectMany<Intent, Intent>(intent => intent is ServerTools listed ? Found(agent, listed, offered[listed.Server]) : [intent]);
        var resolved = agent with { Intents = [.. intents.DistinctBy(intent => intent.Name)] };
        return resolved.Context.Prefetch.FirstOrDefault(wanted => ServerTools.IsName(wanted.Intent) && !(resolved.FindTool(wanted.Intent) is { } tool && Facts.MayFetch(tool))) is { } unfit
            ? throw new RefusedException(RefusalCode.InvalidInput,
                $"{agent.Name} fetches {unfit.Intent} ahead, which is no read-only tool without a gate. If it is one, say so in the agent's effects (read_only) and gates (none); otherwise take it out of prefetch.")
            : resolved;
    }

    private static async Task<IReadOnlyList<OfferedTool>> Offered(Microagent agent, string server, IToolServers servers)
    {
        if (!servers.Names.Contains(server))
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"{agent.Name} uses tools of the MCP server '{server}', which is not configured{Instead(server, servers.Names, "servers")}. Add it under mcpServers, or correct the agent's tools.");
        }

        try
        {
            return await servers.ToolsOf(server).ConfigureAwait(false);
        }
        catch (ToolException e)
        {
            throw new RefusedException(RefusalCode.Unavailable, $"{agent.Name} cannot start without its tools: {e.Message.TrimEnd('.')}. Nothing was started; agentmcp doctor shows each server.");
        }
    }

    private static IEnumerable<Tool> Found(Microagent agent, ServerTools listed, IReadOnlyList<OfferedTool> offered)
    {
        var found = offered.Where(tool => ServerTools.Matches(listed.Name, tool.Tool.Name)).ToList();
        var names = offered.Select(tool => tool.Tool.Name).ToList();
        return found switch
        {
            [] => throw new RefusedException(RefusalCode.InvalidInput,
                $"{agent.Name} uses {listed.Name}, and the MCP server '{listed.Server}' has no such tool{Instead(listed.Name, names, "tools")}. Correct the agent's tools."),
            [{ Refused: { } reason }] when listed.IsOne => throw new RefusedException(RefusalCode.InvalidInput,
                $"{agent.Name} uses {listed.Name}, which cannot be used: {reason}"),
            _ => found.Where(tool => tool.Refused is null).Select(tool => listed.Changed(tool.Tool)),
        };
    }

    private static string Instead(string typed, IReadOnlyList<string> known, string what) => known.Count == 0 ? $"; there are no {what}"
        : Nearest.To(typed, known) is { } meant ? $"; did you mean '{meant}'? The {what} are {string.Join(", ", known)}"
        : $"; the {what} are {string.Join(", ", known)}";
}
