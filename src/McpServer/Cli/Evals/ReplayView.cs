using AgentMcp.Agents.Evals;
using AgentMcp.Server.Protocol;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli.Evals;

/// <summary>Shows what came of each replay, and at the end of all: one line a case, and below it only what went otherwise.</summary>
/// <param name="promptsMayDiffer">Whether other prompts are what was asked for, and so shown but no failure.</param>
internal sealed class ReplayView(Screen screen, bool promptsMayDiffer)
{
    private readonly List<(string Path, Replayed Replayed, bool Good)> _all = [];

    public void Show(string path, Case recorded, Replayed replayed)
    {
        var good = replayed.Difference is null && (promptsMayDiffer || replayed.Prompt is null) && replayed.Failed == 0;
        _all.Add((path, replayed, good));
        screen.Line(($"{(good ? "ok" : "FAILED"),-8}", good ? Tone.Good : Tone.Bad), ($"{path}  ", Tone.Plain), (Summary(recorded, replayed), Tone.Dim));
        if (replayed.Prompt is { } prompt)
        {
            screen.Line($"  Step {prompt.Version} is shown another prompt:");
            foreach (var line in prompt.Lines)
            {
                screen.Line("    " + line, line[0] switch { '-' => Tone.Bad, '+' => Tone.Good, _ => Tone.Dim });
            }
        }

        if (replayed.Difference is { } difference)
        {
            Show(recorded, replayed.Log!, difference);
        }

        foreach (var step in replayed.Steps)
        {
            Show(step, replayed.Log is null);
        }
    }

    /// <summary>Says what came of all of them; true when nothing failed.</summary>
    public bool End()
    {
        var (passed, failed) = (_all.Sum(one => one.Replayed.Passed), _all.Sum(one => one.Replayed.Failed));
        var wrong = _all.Count(one => !one.Good);
        if (screen.WantsJson)
        {
            Screen.Json(ReplayJson.Of(_all));
        }

        var rate = passed + failed == 0 ? "Nothing is expected of any step."
            : FormattableString.Invariant($"{passed} of {passed + failed} expectations hold ({100.0 * passed / (passed + failed):0.#} %).");
        screen.Line($"{_all.Count} {(_all.Count == 1 ? "case" : "cases")}, {wrong} failed. {rate}", wrong == 0 ? Tone.Good : Tone.Bad);
        return wrong == 0;
    }

    private static string Summary(Case recorded, Replayed replayed) => replayed.Log is null
        ? $"{replayed.Steps.Sum(step => step.Same)} of {replayed.Steps.Sum(step => step.Samples.Count)} steps the same"
        : $"{recorded.Events.Count} events, {replayed.Passed} of {replayed.Passed + replayed.Failed} expectations";

    private void Show(Case recorded, ThreadLog now, Difference difference)
    {
        screen.Line($"  Event {difference.Version} is another one:");
        var then = ThreadLog.Of(now.Thread.Id, recorded.Events);
        foreach (var line in SideBySide.Of($"THEN\n{Told(difference.Then, then)}", $"NOW\n{Told(difference.Now, now)}"))
        {
            screen.Line("    " + line);
        }

        if (difference.Note is { } note)
        {
            screen.Line("  " + note);
        }
    }

    // With a model every step is shown; without one, what was said is in the case and only what is wrong matters.
    private void Show(StepResult step, bool live)
    {
        if (live)
        {
            screen.Line(($"  step {step.Version,-4} ", Tone.Dim), ($"{step.Same} of {step.Samples.Count} the same  ", step.Same == step.Samples.Count ? Tone.Good : Tone.Wait));
        }

        foreach (var said in step.Samples.Where(sample => !sample.IsSame).Select(sample => sample.Said).Distinct())
        {
            foreach (var line in SideBySide.Of($"THEN\n{step.Recorded}", $"NOW\n{said}"))
            {
                screen.Line("    " + line);
            }
        }

        foreach (var failure in step.Samples.SelectMany(sample => sample.Failures).GroupBy(failure => failure))
        {
            screen.Line($"  step {step.Version}: expected {failure.Key}{(failure.Count() > 1 ? $" ({failure.Count()} times)" : "")}", Tone.Bad);
        }
    }

    private static string Told(ThreadEvent? happened, ThreadLog log)
    {
        if (happened is null)
        {
            return "(nothing)";
        }

        var (title, detail) = Transcript.Describe(happened, log);
        return happened is RequestOpened { Action: { } action } ? $"{title}\n{action.Tool} {action.Arguments}\n{detail}" : $"{title}\n{detail}";
    }
}
