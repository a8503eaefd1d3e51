using System.Security.Cryptography;
using System.Text;
using AgentMcp.Agents.Prompting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>Makes a case of a thread. Pure. Secrets and the names of people stay out, and prompts are rendered without them.</summary>
public static class Recorder
{
    /// <param name="definition">What the agent was when the thread began.</param>
    /// <param name="today">The agent as it is; only its code is taken. Null when there is no such agent any more.</param>
    /// <param name="asEval">Whether to leave out what the agent was and what the model was shown: the case is then about the agent of the day it is replayed.</param>
    /// <exception cref="RefusedException">It is a workflow, or its agent was changed midway, so that no one agent is what it ran under.</exception>
    public static Case Record(ThreadLog log, JsonText definition, Microagent? today, bool asEval)
    {
        if (today?.Flow is not null)
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"{today.Name} is a workflow: code chose its steps, and there is no prompt to keep. Record the threads of the agents it called.");
        }

        if (!asEval && log.Events.Any(happened => happened is DefinitionChanged))
        {
            throw new RefusedException(RefusalCode.InvalidVersion, $"{log.Thread.Id} went on under another definition midway, and a case holds one. Record it with --eval, which holds none.");
        }

        var redaction = new Redaction(log.Events);
        var kept = redaction.Of(definition);
        var events = log.Events.Select(redaction.Of).ToList();
        events[0] = (ThreadStarted)events[0] with { Definition = asEval ? "" : HashOf(kept) };
        var start = (ThreadStarted)events[0];
        var agent = Definition.Restore(kept, today ?? MicroagentCatalog.Gone(start.Agent));
        var recorded = new Case(start.Agent, asEval ? null : kept, events, []);
        return recorded with
        {
            Steps = [.. recorded.StepVersions.Select(version => asEval
                ? new CaseStep(version, null, null, null, Expected(events[version - 1]))
                : Shown(version, PromptRenderer.RenderFor(agent, events, version), events[version - 1]))],
        };
    }

    internal static string HashOf(JsonText definition) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(definition.Text)));

    private static CaseStep Shown(int version, Models.Prompt prompt, ThreadEvent step) =>
        new(version, prompt.System, prompt.User, Case.OutputOf(step), Expected(step));

    // The least that is expected; what else matters about a step only its reader knows.
    private static List<Assertion> Expected(ThreadEvent step) =>
        step is StepChosen chosen ? [new("intent", "is", JsonText.Of(chosen.Intent))] : [];
}
