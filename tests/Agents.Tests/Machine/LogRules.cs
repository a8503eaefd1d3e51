using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>What must hold of one log and what it did outside, whatever happened to whom. Pure.</summary>
internal static class LogRules
{
    public static IEnumerable<string> Violations(ThreadLog log, Happenings happened)
    {
        // What was copied happened to another thread.
        var copied = 1 + log.Events.ToList().FindLastIndex(e => e is ThreadForked);
        var calls = Enumerable.Range(1, log.Events.Count).Where(version => version > copied && log.Events[version - 1] is StepChosen).Select(version => new CallId(version));
        return calls.SelectMany(call => OfCall(log, call, happened).Select(what => $"{call} ({Intent(log, call)}): {what}"))
            .Concat(log.Events.OfType<RequestAnswered>().CountBy(answer => answer.Request).Where(count => count.Value > 1).Select(count => $"request {count.Key.Version} was answered {count.Value} times"))
            .Select(what => $"{log.Thread.Id} {log.Thread.Start.Agent}: {what}");
    }

    /// <summary>What a thread that was let go to its end is like.</summary>
    public static IEnumerable<string> Unfinished(ThreadLog log)
    {
        var done = log.Events.OfType<StepChosen>().Select(step => step.Intent);
        var steps = Script.Of(log).Split('|').SelectMany(Script.Steps).Select(Script.Intent);
        var approved = log.Events.OfType<RequestAnswered>().Count(answer => answer.Approved == true && Asked(log, answer).Kind == RequestKind.Approval);
        var due = log.Thread.Start.Workflow is null
            ? steps.Append("done_for_now")
            : steps.Select(InWorkflow).Concat(Enumerable.Repeat("deploy", approved)).Order(StringComparer.Ordinal);
        done = log.Thread.Start.Workflow is null ? done : done.Order(StringComparer.Ordinal);
        return log.Thread.Status switch
        {
            ThreadStatus.Cancelled => [],
            ThreadStatus.Completed => done.SequenceEqual(due) ? [] : [$"{log.Thread.Id} {Script.Of(log)}: it did {string.Join(", ", done)}"],
            _ => [$"{log.Thread.Id} {log.Thread.Start.Agent}:{Script.Of(log)} is {WireName.Of(log.Thread.Status)} in the end"],
        };
    }

    public static string Intent(ThreadLog log, CallId call) => ((StepChosen)log.Events[call.Version - 1]).Intent;

    public static RequestOpened Asked(ThreadLog log, RequestAnswered answer) => (RequestOpened)log.Events[answer.Request.Version - 1];

    private static IEnumerable<string> OfCall(ThreadLog log, CallId call, Happenings happened)
    {
        var (intent, story) = (Intent(log, call), Story(log, call));
        var starts = story.OfType<ToolStarted>().Count();
        var (least, most) = happened.Times(call.IdempotencyKey(log.Thread.Id));
        if (least > starts)
        {
            yield return $"it happened {least} times and was started {starts} times";
        }

        if (intent is "store" or "slow_store" && most == 0 && story.OfType<ToolReturned>().Any())
        {
            yield return "it has returned and never happened";
        }

        if (!Script.Effectful.Contains(intent))
        {
            yield break;
        }

        if (least > 1)
        {
            yield return $"it happened {least} times";
        }

        if (most == 0 && story.OfType<ToolReturned>().Any())
        {
            yield return "it has returned, and it never happened";
        }

        if (least > 0 && story is [.., RequestAnswered { Approved: null } last] && InDoubtAnswer.Of(last.Response) is InDoubtAnswer.Skip)
        {
            yield return "it was left, and it happened";
        }

        for (var i = 0; i < story.Count; i++)
        {
            if (story[i] is ToolStarted && !MayStart(intent, log, i == 0 ? null : story[i - 1]))
            {
                yield return $"it was started after {(i == 0 ? "nothing" : story[i - 1])}";
            }
        }

        if (story.OfType<ToolFailed>().FirstOrDefault() is { } failed)
        {
            yield return $"it failed, and nobody was asked about it: {failed.Error}";
        }
    }

    private static bool MayStart(string intent, ThreadLog log, ThreadEvent? before) => before switch
    {
        null => intent != "deploy" || log.Thread.Start.Workflow is not null,
        RequestAnswered { Approved: { } approved } => approved,
        RequestAnswered answer => InDoubtAnswer.Of(answer.Response) is InDoubtAnswer.RunAgain,
        _ => false,
    };

    private static string InWorkflow(string intent) => intent switch
    {
        "await" => "sleep",
        "request_more_information" => "ask",
        "deploy" => "leave",
        _ => intent,
    };

    // An agent has one call at a time, so a request that names none belongs to the step before it.
    private static List<ThreadEvent> Story(ThreadLog log, CallId call)
    {
        CallId? Of(int version) => log.Events[version - 1] switch
        {
            ToolStarted e => e.Call,
            ToolReturned e => e.Call,
            ToolFailed e => e.Call,
            RequestOpened { Call: { } named } => named,
            RequestOpened { Kind: RequestKind.Approval or RequestKind.InDoubt } => Enumerable.Range(1, version - 1).Where(v => log.Events[v - 1] is StepChosen).Select(v => (CallId?)new CallId(v)).LastOrDefault(),
            RequestAnswered e => Of(e.Request.Version),
            _ => null,
        };
        return [.. Enumerable.Range(1, log.Events.Count).Where(version => Of(version) == call).Select(version => log.Events[version - 1])];
    }
}
