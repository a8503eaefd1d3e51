using System.Reflection;
using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Cli;

namespace AgentMcp.Server;

/// <summary>
/// A program of one's own with all that agentmcp can do: <c>return await AgentMcpApp.Run(args, app =&gt; app.Add(agent));</c>.
/// It has every command but the demos and <c>new</c>, and the agents and tools it is given instead of the built-in ones.
/// </summary>
public sealed class AgentMcpApp
{
    private readonly List<Microagent> _agents = [];
    private readonly Dictionary<string, Tool> _tools = new(StringComparer.Ordinal);

    private AgentMcpApp()
    {
    }

    internal IReadOnlyList<Microagent> Agents => _agents;

    internal IReadOnlyDictionary<string, Tool> Tools => _tools;

    /// <summary>Does what a command line says, and returns the exit code. What goes wrong is one line on standard error.</summary>
    public static Task<int> Run(string[] args, Action<AgentMcpApp> compose)
    {
        ArgumentNullException.ThrowIfNull(compose);
        Self.Program = Assembly.GetEntryAssembly() ?? Self.Program;
        return Run(args, new AgentMcpApp(), compose);
    }

    /// <summary>Adds an agent: from a file, in code, or a workflow.</summary>
    /// <exception cref="ArgumentException">There is one of this name already.</exception>
    public AgentMcpApp Add(Microagent agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        _agents.Add(_agents.TrueForAll(other => other.Name != agent.Name) ? agent : throw new ArgumentException($"There is already an agent named '{agent.Name}'.", nameof(agent)));
        return this;
    }

    /// <summary>Adds tools that agent files in the folders of <c>--agents</c> may name.</summary>
    /// <exception cref="ArgumentException">There is one of such a name already.</exception>
    public AgentMcpApp AddTools(IEnumerable<Tool> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        foreach (var tool in tools)
        {
            _tools.Add(tool.Name, tool);
        }

        return this;
    }

    internal static Task<int> Run(string[] args, AgentMcpApp? app, Action<AgentMcpApp>? compose = null)
    {
        // First of all, because it holds for every pattern of every schema: a hostile one must not hang the process.
        AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromSeconds(1));
        return Commands.Run(args, app, () => compose?.Invoke(app!));
    }
}
