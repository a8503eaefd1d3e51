using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>What a calling model reads when it is asked for the next step: all that a model is told, and how to answer. Pure.</summary>
public static class CallerPrompt
{
    public static string Of(Microagent agent, IReadOnlyList<ThreadEvent> log)
    {
        var prompt = PromptRenderer.Render(agent, log);
        return $"""
            {prompt.System}

            {prompt.User}

            To answer, call resume_thread with the step as response, such as {StepExample.Of(agent)}
            Give one step. What comes of it is in the next request. Where a step needs a person's approval it is chosen here all the same, and asked about afterwards.
            """.ReplaceLineEndings("\n");
    }
}
