using AgentMcp.Agents.Tools;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// What a server says of its tool, and what we make of it where the agent file says nothing. A hint that would open a
/// gate or allow a second run is believed of a trusted server only. Pure.
/// </summary>
internal static class Hints
{
    public static (Effect Effect, Route Route) Of(ToolAnnotations? hints, bool trusted)
    {
        if (!trusted)
        {
            return (Effect.Effectful, Route.Approve);
        }

        var reads = hints?.ReadOnlyHint == true;
        return (reads ? Effect.ReadOnly : hints?.IdempotentHint == true ? Effect.Idempotent : Effect.Effectful,
            // By the protocol a tool that says nothing may destroy something.
            reads || hints?.DestructiveHint == false ? Route.Run : Route.Approve);
    }
}
