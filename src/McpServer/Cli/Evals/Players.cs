using AgentMcp.Agents;
using AgentMcp.Agents.Evals;
using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Cli.Evals;

/// <summary>Who plays a case: the agent that is kept in it, the one of today, or the one of another folder.</summary>
internal sealed class Players(Settings settings, string? promptFrom)
{
    private readonly MicroagentCatalog _today = BuiltIn.Catalog(settings);
    private readonly IReadOnlyList<MicroagentCatalog> _others = promptFrom is null ? [] : Others(settings, promptFrom);

    /// <returns>The agent that plays, and the one of today if there is one.</returns>
    public (Microagent Agent, Microagent? Today) For(string path, Case recorded)
    {
        var today = Find([_today], recorded.Agent);
        if (promptFrom is null)
        {
            return recorded.Player(today) is { } player ? (player, today)
                : throw Missing(path, recorded.Agent, [_today], "Give its folder with --agents or --prompt-from.");
        }

        var agent = Find(_others, recorded.Agent) ?? throw Missing(path, recorded.Agent, _others, $"There is no such agent file below {promptFrom}.");
        return (agent with { Rules = today?.Rules }, agent);
    }

    private static List<MicroagentCatalog> Others(Settings settings, string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new UsageException($"There is no folder {folder}.");
        }

        var tools = BuiltIn.Tools(settings);
        return [.. Directory.EnumerateFiles(folder, "*.agent.md", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!).Distinct()
            .Select(each => MicroagentCatalog.Load([], each, tools))];
    }

    private static Microagent? Find(IEnumerable<MicroagentCatalog> catalogs, string name) =>
        catalogs.SelectMany(catalog => catalog.All.Concat(catalog.Unlisted)).FirstOrDefault(agent => agent.Name == name);

    private static UsageException Missing(string path, string agent, IEnumerable<MicroagentCatalog> catalogs, string then) =>
        new(string.Join('\n', [$"{path} is about the agent '{agent}', which is not there. {then}", .. catalogs.SelectMany(catalog => catalog.Problems).Select(problem => $"Not loaded: {problem}")]));
}
