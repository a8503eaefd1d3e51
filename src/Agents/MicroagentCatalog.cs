using System.Collections.Concurrent;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>The agents of this process, by name, and what was wrong with those that are missing. Immutable, thread-safe.</summary>
public sealed class MicroagentCatalog
{
    private readonly ConcurrentDictionary<string, (string Hash, JsonText Json)> _definitions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Microagent> _restored = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Microagent> _agents = new(StringComparer.Ordinal);

    public MicroagentCatalog(IEnumerable<Microagent> agents, IEnumerable<string>? problems = null)
    {
        foreach (var agent in agents)
        {
            _agents[agent.Name] = agent;
        }

        Problems = [.. problems ?? []];
    }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyCollection<Microagent> All => [.. _agents.Values.Where(agent => agent.IsListed)];

    /// <summary>Those that are started by name only.</summary>
    public IEnumerable<Microagent> Unlisted => _agents.Values.Where(agent => !agent.IsListed);

    /// <summary>Files that could not be loaded: file, line and reason.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <exception cref="RefusedException">There is no such agent.</exception>
    public Microagent Get(string name) => _agents.TryGetValue(name, out var agent) ? agent : throw new RefusedException(RefusalCode.AgentNotFound,
        $"There is no agent '{name}'. The agents are {string.Join(", ", All.Select(agent => agent.Name))}.");

    public (string Hash, JsonText Json) DefinitionOf(Microagent agent) => _definitions.GetOrAdd(agent.Name, _ => Definition.Of(agent));

    /// <summary>Other servers whose tools agents may use.</summary>
    public IToolServers Servers { get; set; } = new NoToolServers();

    /// <summary>What a new thread of an agent begins with. Asks the servers whose tools it lists.</summary>
    /// <exception cref="RefusedException">A server cannot be reached, or lacks a tool.</exception>
    public async Task<(string Hash, JsonText Json)> DefinitionToStart(Microagent agent) => agent.Intents.Any(intent => intent is ServerTools)
        ? Definition.Of(await ServerToolSet.Resolve(agent, Servers).ConfigureAwait(false))
        : DefinitionOf(agent);

    /// <summary>The agent as it was under this definition, even if its file is gone; then only its tools are missing.</summary>
    public Microagent As(string name, string hash, Func<string, JsonText?> stored)
    {
        var today = _agents.GetValueOrDefault(name);
        return today is not null && DefinitionOf(today).Hash == hash
            ? today
            : _restored.GetOrAdd(hash, _ => stored(hash) is { } definition ? Definition.Restore(definition, today ?? Gone(name), Servers) : today ?? Get(name));
    }

    private static Microagent Gone(string name) =>
        new(name, "", Microagent.MessageSchema, Microagent.MessageSchema, "", [], new Limits());

    /// <summary>Adds the agent files of a folder; one that cannot be used becomes a problem and stops nobody.</summary>
    public static MicroagentCatalog Load(IReadOnlyList<Microagent> builtIn, string? folder, IReadOnlyDictionary<string, Tool> tools)
    {
        if (folder is null)
        {
            return new(builtIn);
        }

        if (!Directory.Exists(folder))
        {
            return new(builtIn, [$"{folder}: there is no such folder; create it or change --agents"]);
        }

        var (agents, problems) = AgentFolder.Read(folder, builtIn, tools);
        return new([.. builtIn, .. agents], problems);
    }
}
