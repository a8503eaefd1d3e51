using System.Collections.Concurrent;
using System.Text.Json;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// The agents of this process, by name, and what is to be said of their files. They can be replaced as a whole at any
/// time; whoever looks sees all of the old ones or all of the new. Thread-safe.
/// </summary>
public sealed class MicroagentCatalog
{
    private volatile Snapshot _now;

    public MicroagentCatalog(IEnumerable<Microagent> agents, IEnumerable<Remark>? remarks = null) => _now = new(agents, remarks ?? []);

    /// <summary>Told after the agents were replaced, on the thread that did it.</summary>
    public event Action? Changed;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyCollection<Microagent> All => _now.Listed;

    /// <summary>Those that are started by name only.</summary>
    public IEnumerable<Microagent> Unlisted => _now.Agents.Values.Where(agent => !agent.IsListed);

    /// <summary>Those that are listed, and those that are not.</summary>
    public IEnumerable<Microagent> Every => _now.Agents.Values;

    /// <summary>All that is to be said of agent files.</summary>
    public IReadOnlyList<Remark> Remarks => _now.Remarks;

    /// <summary>Files that cannot be used: file, line and reason.</summary>
    public IReadOnlyList<string> Problems => Said(RemarkKind.Problem);

    /// <summary>What does not hold although a file says it.</summary>
    public IReadOnlyList<string> Notes => Said(RemarkKind.Note);

    /// <exception cref="RefusedException">There is no such agent.</exception>
    public Microagent Get(string name) => _now.Agents.TryGetValue(name, out var agent) ? agent : throw NotFound(name, All.Select(other => other.Name));

    /// <summary>The agents that an input has called by its own words, those included that are named in what these are given.</summary>
    public IEnumerable<string> Named(string agent, JsonText input) =>
        (Find(agent)?.Names?.Invoke(input) ?? []).SelectMany(called => Named(called.Agent, called.Input).Prepend(called.Agent));

    /// <param name="names">Of those there are, for whoever asks; none where that is not known.</param>
    public static RefusedException NotFound(string name, params IEnumerable<string> names) => new(RefusalCode.AgentNotFound,
        $"There is no agent '{name}'{(Nearest.To(name, names) is { } meant ? $"; did you mean '{meant}'?" : ".")}{(names.Any() ? $" The agents are {string.Join(", ", names)}." : "")}");

    /// <summary>The agent of this name; null when there is none.</summary>
    public Microagent? Find(string name) => _now.Agents.GetValueOrDefault(name);

    public (string Hash, JsonText Json) DefinitionOf(Microagent agent) => _now.DefinitionOf(agent);

    /// <summary>Other servers whose tools agents may use.</summary>
    public IToolServers Servers { get; set; } = new NoToolServers();

    /// <summary>What a new thread of an agent begins with. Asks the servers whose tools it lists.</summary>
    /// <exception cref="RefusedException">A server cannot be reached, or lacks a tool.</exception>
    public async Task<(string Hash, JsonText Json)> DefinitionToStart(Microagent agent) =>
        await Resolve(agent).ConfigureAwait(false) is var whole && ReferenceEquals(whole, agent) ? DefinitionOf(agent) : Definition.Of(whole);

    /// <summary>The agent with the tools of other servers in their places.</summary>
    /// <inheritdoc cref="DefinitionToStart"/>
    public Task<Microagent> Resolve(Microagent agent) =>
        agent.Intents.Any(intent => intent is ServerTools) ? ServerToolSet.Resolve(agent, Servers) : Task.FromResult(agent);

    /// <summary>The agent as it was under this definition, even if its file is gone; then only its tools are missing.</summary>
    public Microagent As(string name, string hash, Func<string, JsonText?> stored) => _now.As(name, hash, stored, Servers);

    public void Replace(IEnumerable<Microagent> agents, IEnumerable<Remark> remarks)
    {
        _now = new(agents, remarks);
        Changed?.Invoke();
    }

    /// <summary>What is left of an agent that is no longer there.</summary>
    internal static Microagent Gone(string name) =>
        new(name, "", Microagent.MessageSchema, Microagent.MessageSchema, "", [], new Limits()) { IsGone = true };

    /// <summary>Adds the agent files of a folder; one that cannot be used becomes a problem and stops nobody.</summary>
    public static MicroagentCatalog Load(IReadOnlyList<Microagent> builtIn, string? folder, IReadOnlyDictionary<string, Tool> tools) =>
        new AgentFolders(folder is null ? [] : [folder], null, builtIn, tools).Load();

    private IReadOnlyList<string> Said(RemarkKind kind) => [.. _now.Remarks.Where(remark => remark.Kind == kind).Select(remark => remark.ToString())];

    /// <summary>The agents at one time. Definitions are made once for each agent, and restored once for each hash.</summary>
    private sealed class Snapshot
    {
        private readonly ConcurrentDictionary<Microagent, (string Hash, JsonText Json)> _definitions = new(ReferenceEqualityComparer.Instance);
        private readonly ConcurrentDictionary<string, Microagent> _restored = new(StringComparer.Ordinal);

        public Snapshot(IEnumerable<Microagent> agents, IEnumerable<Remark> remarks)
        {
            foreach (var agent in agents)
            {
                Agents[agent.Name] = agent;
            }

            Listed = [.. Agents.Values.Where(agent => agent.IsListed)];
            Remarks = [.. remarks];
        }

        public SortedDictionary<string, Microagent> Agents { get; } = new(StringComparer.Ordinal);

        public IReadOnlyCollection<Microagent> Listed { get; }

        public IReadOnlyList<Remark> Remarks { get; }

        public (string Hash, JsonText Json) DefinitionOf(Microagent agent) => _definitions.GetOrAdd(agent, Definition.Of);

        public Microagent As(string name, string hash, Func<string, JsonText?> stored, IToolServers servers)
        {
            var today = Agents.GetValueOrDefault(name);
            return today is not null && DefinitionOf(today).Hash == hash
                ? today
                : _restored.GetOrAdd(hash, _ => stored(hash) is { } definition
                    ? Restore(hash, definition, today ?? Gone(name), servers)
                    : today ?? throw new RefusedException(RefusalCode.AgentNotFound, $"There is no agent '{name}' any more, and its definition was not stored."));
        }

        private static Microagent Restore(string hash, JsonText definition, Microagent today, IToolServers servers)
        {
            try
            {
                return Definition.Restore(definition, today, servers);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
            {
                throw ThreadStore.BrokenDefinition(hash, e);
            }
        }
    }
}
