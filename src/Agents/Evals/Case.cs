using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>
/// A thread that was kept as a test: what happened, what the model was shown and said at each step, and what is expected
/// of it there. Nothing in it is run again; what tools returned is in the events.
/// </summary>
/// <param name="Definition">What the agent was; null for a case of whatever the agent is when it is replayed.</param>
public sealed record Case(string Agent, JsonText? Definition, IReadOnlyList<ThreadEvent> Events, IReadOnlyList<CaseStep> Steps, string? About = null)
{
    /// <summary>The versions at which a step was chosen or rejected.</summary>
    public IEnumerable<int> StepVersions => Enumerable.Range(1, Events.Count).Where(version => Events[version - 1] is StepChosen or StepRejected);

    /// <summary>Who plays it: the agent that is kept in it, run by today's code if that is still there; null when neither is.</summary>
    public Microagent? Player(Microagent? today) =>
        Definition is { } kept ? Agents.Definition.Restore(kept, today ?? MicroagentCatalog.Gone(Agent)) : today;

    public ThreadStarted Start => (ThreadStarted)Events[0];

    /// <summary>The event at this version; null past the end.</summary>
    public ThreadEvent? At(int version) => version <= Events.Count ? Events[version - 1] : null;

    public CaseStep? Step(int version) => Steps.FirstOrDefault(step => step.Version == version);

    /// <summary>What the model said at this version; null where that is not known to the letter.</summary>
    public string? Output(int version) => Step(version)?.Output ?? OutputOf(Events[version - 1]);

    /// <summary>The reply that led to a step. A rejected one was kept only in part if it was long, and read again it could mean something else.</summary>
    public static string? OutputOf(ThreadEvent step) => step switch
    {
        StepChosen chosen => JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("intent", chosen.Intent);
            foreach (var member in chosen.Arguments.Element().EnumerateObject())
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }).Text,
        StepRejected { Reply: { } reply } when !reply.EndsWith("...", StringComparison.Ordinal) => reply,
        _ => null,
    };
}

/// <summary>One step of a case.</summary>
/// <param name="System">The system message as it was sent; null where a case does not hold it.</param>
/// <param name="User">The user message as it was sent.</param>
/// <param name="Output">What the model said; null for what the events say.</param>
public sealed record CaseStep(int Version, string? System, string? User, string? Output, IReadOnlyList<Assertion> Assertions);

/// <summary>A file that is no case; the message gives the file, the place in it and what is expected there.</summary>
public sealed class CaseFileException(string path, string reason) : Exception($"{path}: {reason}");
