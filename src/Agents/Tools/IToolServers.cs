using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tools;

/// <summary>
/// Other servers whose tools agents may use. What they speak and how they are reached is not known here. Thread-safe.
/// </summary>
public interface IToolServers
{
    /// <summary>The configured servers, in the order of their names.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>What a server offers, as <c>server.tool</c>, with the gates and effects that hold unless an agent says otherwise. Starts it if need be.</summary>
    /// <exception cref="ToolException">It cannot be reached.</exception>
    Task<IReadOnlyList<OfferedTool>> ToolsOf(string server, CancellationToken cancellation = default);

    /// <summary>A tool as it was when a thread began. Nothing is started before it is called.</summary>
    Tool Recall(ServerTool origin);
}

/// <summary>A tool of a server, as it is offered.</summary>
public sealed record OfferedTool(Tool Tool, string? Refused = null)
{
    /// <summary>Why it cannot be used; null when it can.</summary>
    public string? Refused { get; } = Refused ?? (Tool.From is { } from && from.Tool.Any(IsStrange) ? "its name holds a character that no tool's name has" : null);

    // A name stands in a prompt as the tag of its blocks, and in what people are asked.
    private static bool IsStrange(char c) => c is '<' or '>' || !(c is >= ' ' and <= '~' || char.IsLetterOrDigit(c));
}

/// <summary>Where a tool comes from.</summary>
/// <param name="IsAgent">Calling it starts a thread there, under the key of the call.</param>
public sealed record ServerTool(string Server, string Tool, bool IsAgent = false)
{
    public string Name => $"{Server}.{Tool}";
}

/// <summary>No other server is configured.</summary>
public sealed class NoToolServers : IToolServers
{
    public IReadOnlyList<string> Names => [];

    public Task<IReadOnlyList<OfferedTool>> ToolsOf(string server, CancellationToken cancellation = default) => throw Unknown(server);

    public Tool Recall(ServerTool origin) => new(origin.Name, "", JsonText.Parse("""{"type":"object"}"""), Effect.Effectful, (_, _) => throw Unknown(origin.Server)) { IsGone = true };

    private static ToolException Unknown(string server) => new($"no MCP server '{server}' is configured");
}
