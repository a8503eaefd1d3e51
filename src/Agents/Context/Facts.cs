using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>When facts have to be fetched: before the first decision, after an effect, and when they are old after a pause. Pure.</summary>
internal static class Facts
{
    public static bool AreDue(Microagent agent, IReadOnlyList<ThreadEvent> log, DateTimeOffset now)
    {
        var paused = false;
        for (var i = log.Count - 1; i >= 0 && agent.Context.Prefetch.Count > 0; i--)
        {
            switch (log[i])
            {
                case Fetched e:
                    return paused && now - e.At >= agent.Context.RefetchAfter;
                // Whatever became of it: a call that failed or was cut off may have changed something all the same.
                case ToolStarted e when MayChange(agent, log, e.Call):
                case ToolReturned { Cached: null } answered when MayChange(agent, log, answered.Call):
                    return true;
                case RequestAnswered or RequestExpired or SleepEnded or MessageReceived or ThreadForked:
                    paused = true;
                    break;
            }
        }

        return agent.Context.Prefetch.Count > 0;
    }

    /// <summary>When something was last changed from here; a fact from before may no longer hold.</summary>
    public static DateTimeOffset? LastEffect(Microagent agent, IReadOnlyList<ThreadEvent> log)
    {
        for (var i = log.Count - 1; i >= 0; i--)
        {
            if ((log[i] as ToolReturned is { Cached: null } returned && MayChange(agent, log, returned.Call)) || (log[i] is ToolStarted started && MayChange(agent, log, started.Call)))
            {
                return log[i].At;
            }
        }

        return null;
    }

    /// <summary>Only what is sure to change nothing is fetched, whatever the file says: a tool may have changed since it was read.</summary>
    public static bool MayFetch(Tool tool) => tool is { Effect: Effect.ReadOnly, Route: Route.Run };

    private static bool MayChange(Microagent agent, IReadOnlyList<ThreadEvent> log, CallId call) =>
        agent.FindTool(((StepChosen)log[call.Version - 1]).Intent) is not ({ Effect: Effect.ReadOnly } or { Route: Route.DryRun });
}
