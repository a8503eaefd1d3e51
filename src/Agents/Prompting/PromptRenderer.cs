using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>Log to prompt. Pure: the same log gives the same bytes in any culture, time zone and process.</summary>
public static class PromptRenderer
{
    public static Prompt Render(Microagent agent, IReadOnlyList<ThreadEvent> log)
    {
        var schema = StepSchema.Of(agent);
        var history = string.Join("\n\n", Blocks.Of(log, agent.Context));
        return new(agent.Prompt, $"""
            {history}

            What is the next step? Reply with exactly one JSON object and nothing else. It must match this JSON Schema:
            {schema}
            """.ReplaceLineEndings("\n"), schema);
    }

    /// <summary>The prompt that led to the step chosen at this version.</summary>
    public static Prompt RenderFor(Microagent agent, IReadOnlyList<ThreadEvent> log, int version) => Render(agent, [.. log.Take(version - 1)]);
}
