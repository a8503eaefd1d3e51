using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>Log to prompt. Pure: the same log gives the same bytes in any culture, time zone and process.</summary>
public static class PromptRenderer
{
    public static Prompt Render(Microagent agent, IReadOnlyList<ThreadEvent> log) => new GrowingPrompt(agent).Render(log);

    /// <summary>Whether a model was asked for what happened: a step, a verdict, a summary.</summary>
    public static bool WasAsked(ThreadEvent happened) =>
        happened is StepChosen or StepRejected or StepJudged { Model: not "code" } or Summarised { Model: not "code" } or Summarised { Error: not null };

    /// <summary>The prompt that led to what happened at this version, byte for byte as it was sent; of a summary with the system message that is there today.</summary>
    public static Prompt RenderFor(Microagent agent, IReadOnlyList<ThreadEvent> log, int version)
    {
        IReadOnlyList<ThreadEvent> before = [.. log.Take(version - 1)];
        return (version <= log.Count ? log[version - 1] : null) switch
        {
            StepJudged e when agent.Context.Judge is { } judge => Judging.Prompt(agent, judge, before, e.Call),
            Summarised e => Summaries.Prompt(Summaries.As(agent), agent.Context, before, new(e.From, e.To)),
            _ => Render(agent, before),
        };
    }
}
