using AgentMcp.Agents.Prompting;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>What came of one replay.</summary>
/// <param name="Log">As far as it went: to the end, or to the first difference.</param>
/// <param name="Difference">The first event that is another one now.</param>
/// <param name="Prompt">The first step whose prompt is another one now.</param>
/// <param name="Steps">The steps of which something is expected.</param>
public sealed record Replayed(ThreadLog? Log, Difference? Difference, PromptChange? Prompt, IReadOnlyList<StepResult> Steps)
{
    public int Passed => Steps.Sum(step => step.Samples.Sum(sample => sample.Passed));

    public int Failed => Steps.Sum(step => step.Samples.Sum(sample => sample.Failures.Count));
}

/// <param name="Then">What happened at this version; null when nothing did.</param>
/// <param name="Now">What happens there now; null when nothing does.</param>
public sealed record Difference(int Version, ThreadEvent? Then, ThreadEvent? Now, string? Note = null);

/// <param name="Lines">The prompt then and now, as one difference of lines.</param>
public sealed record PromptChange(int Version, IReadOnlyList<string> Lines);

/// <param name="Recorded">What the model said then.</param>
public sealed record StepResult(int Version, string Recorded, IReadOnlyList<Sample> Samples)
{
    public int Same => Samples.Count(sample => sample.IsSame);
}

/// <summary>What a model says at a step of a case, against what is expected there.</summary>
/// <param name="Said">The step, or why the reply was none.</param>
/// <param name="IsSame">The same intent with the same arguments as in the case.</param>
/// <param name="Passed">How many assertions hold.</param>
/// <param name="Failures">Those that do not, each in one line.</param>
public sealed record Sample(string Said, bool IsSame, int Passed, IReadOnlyList<string> Failures)
{
    /// <summary>Judges a reply by all assertions but those that take a judge.</summary>
    public static Sample Of(Microagent agent, string reply, string recorded, IReadOnlyList<Assertion> assertions)
    {
        List<Assertion> plain = [.. assertions.Where(assertion => !assertion.IsForJudge)];
        if (Read(agent, reply) is not ChooseStep step)
        {
            return new(Told(agent, reply), false, 0, [.. plain.Select(one => $"{one}, but the reply was no step")]);
        }

        List<string> missed = [.. plain.Select(one => one.Miss(step)).OfType<string>()];
        return new(Told(agent, reply), Read(agent, recorded) is ChooseStep then && then == step, plain.Count - missed.Count, missed);
    }

    /// <summary>A reply as the step it is, or as what is wrong with it.</summary>
    internal static string Told(Microagent agent, string reply) => Read(agent, reply) switch
    {
        ChooseStep step => $"{step.Intent} {step.Arguments}",
        RejectStep rejected => $"no step: {rejected.Reason}",
        var other => throw new InvalidOperationException(other.GetType().Name),
    };

    private static ThreadCommand Read(Microagent agent, string reply) => StepReader.Read(agent, reply, "", null, default);
}
