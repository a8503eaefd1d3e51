using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>What a person has to know to decide at a limit: what was tried and what came of it. Pure.</summary>
internal static class LimitNotes
{
    private const int StepsShown = 5;
    private const int Longest = 300;

    /// <summary>The last errors, oldest first, each with the tool and arguments that led to it.</summary>
    public static string Errors(IEnumerable<ThreadEvent> log, int count) =>
        string.Join("\n", Outcomes(log).Where(outcome => outcome.IsError).TakeLast(count).Select((outcome, i) => $"{i + 1}. {outcome.Text}"));

    /// <summary>The last steps with their outcomes; null when there were none.</summary>
    public static string? Progress(IEnumerable<ThreadEvent> log) =>
        string.Join("\n", Outcomes(log).TakeLast(StepsShown).Select(outcome => "- " + outcome.Text)) is { Length: > 0 } steps ? "Its last steps:\n" + steps : null;

    private static IEnumerable<(bool IsError, string Text)> Outcomes(IEnumerable<ThreadEvent> log)
    {
        var (chosen, version) = (new Dictionary<CallId, string>(), 0);
        foreach (var happened in log)
        {
            version++;
            switch (happened)
            {
                case StepChosen e:
                    chosen[new(version)] = $"{e.Intent} {ErrorText.Cut(e.Arguments.Text, Longest)}";
                    break;
                case ToolReturned e:
                    yield return (false, $"{chosen[e.Call]}: {ErrorText.Cut(e.Result.Text, Longest)}");
                    break;
                case ToolFailed e:
                    yield return (true, $"{chosen[e.Call]}: {e.Error}");
                    break;
                case StepJudged { Verdict: Verdict.Fail } e:
                    yield return (false, $"{chosen[e.Call]}: turned down by the judge: {e.Reason}");
                    break;
                case StepRejected e:
                    yield return (true, $"a step that was rejected: {e.Reason}");
                    break;
            }
        }
    }
}
