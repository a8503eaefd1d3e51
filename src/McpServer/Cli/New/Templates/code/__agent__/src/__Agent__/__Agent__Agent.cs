using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tools;

namespace __Agent__;

/// <summary>The agent: its prompt is in __agent__.agent.md, its tools are here.</summary>
public static class __Agent__Agent
{
    public static IReadOnlyList<Tool> Tools { get; } =
    [
        // A plain tool: it changes nothing, so it simply runs.
        MethodTool.Of("look_up_price", "Look up what one piece of an item costs.", Effect.ReadOnly, Shop.PriceOf),

        // A gated tool: it waits for a person's yes to exactly these arguments, whatever the model says.
        MethodTool.Of("place_order", "Order some pieces of an item.", Effect.Idempotent, Shop.Order) with { Route = Route.Approve },
    ];

    public static Microagent Load() =>
        AgentFile.Read(Path.Combine(AppContext.BaseDirectory, "__agent__.agent.md"), Tools.ToDictionary(tool => tool.Name));
}
