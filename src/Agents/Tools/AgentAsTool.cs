using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tools;

/// <summary>
/// An agent as another's tool: its input is the arguments, its output the result. Starting its thread is idempotent
/// however often it is tried, so a start that was cut off is never given up and leaves no doubt.
/// </summary>
public static class AgentAsTool
{
    public static Tool Of(Microagent agent) => Of(agent.Name, agent.Description, agent.Input);

    public static Tool Of(string name, string description, JsonText input) =>
        new(name, description, input, Effect.Idempotent, (call, _) => Task.FromResult<ToolOutcome>(new ToolOutcome.Child(name, call.Arguments)))
        {
            Attempts = int.MaxValue,
        };
}
