using AgentMcp.Agents.Tools;
using AgentMcp.Faults.Victim;
using AgentMcp.Faults.World;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Faults.Sweep;

/// <param name="Posted">Of an HTTP call: each time it arrived.</param>
internal sealed record Happened(int Times, IReadOnlyList<Posted> Posted)
{
    public static Happened Never { get; } = new(0, []);
}

/// <summary>What must hold between one log and the world at any moment. Pure but for looking at the world.</summary>
internal static class LogRules
{
    private static readonly Dictionary<string, Effect> Effects = new()
    {
        ["put"] = Effect.Idempotent,
        ["post"] = Effect.Effectful,
        ["write"] = Effect.Effectful,
        ["push"] = Effect.Effectful,
        ["pay"] = Effect.Effectful,
        ["tag_push_prod"] = Effect.Effectful,
        ["ledger.stamp"] = Effect.Idempotent,
        [Engraver.Tool] = Effect.Effectful,
    };

    private static readonly string[] Gated = ["pay", "tag_push_prod", "ledger.stamp"];

    /// <param name="before">How often each call had happened before the log was read; null to look only now.</param>
    public static IEnumerable<string> Violations(ThreadLog log, TheWorld world, Archive archive, IReadOnlyDictionary<CallId, Happened>? before = null)
    {
        var now = Outside(log, world);
        return now.SelectMany(call => OfCall(log, call.Key, (before ?? now).GetValueOrDefault(call.Key, Happened.Never), call.Value.Times, archive)
                .Select(what => $"{call.Key} ({Chosen(log, call.Key).Intent}): {what}"))
            .Concat(log.Events.OfType<RequestAnswered>().CountBy(answer => answer.Request).Where(count => count.Value > 1)
                .Select(request => $"request {request.Key.Version} was answered {request.Value} times"));
    }

    /// <summary>What each call of a log did outside by now.</summary>
    public static IReadOnlyDictionary<CallId, Happened> Outside(ThreadLog log, TheWorld world) => log.Events
        .Select((happened, i) => (Step: happened as StepChosen, Call: new CallId(i + 1))).Where(pair => pair.Step is not null && Effects.ContainsKey(pair.Step.Intent))
        .ToDictionary(pair => pair.Call, pair => new Happened(Times(log, pair.Call, pair.Step!, world), world.Ledger.Of(pair.Call.IdempotencyKey(log.Thread.Id))));

    private static int Times(ThreadLog log, CallId call, StepChosen chosen, TheWorld world) => chosen.Intent != "tag_push_prod"
        ? world.Times(chosen.Intent, call.IdempotencyKey(log.Thread.Id))
        // What a deploy is bound to is the commit, and it is known once somebody said yes to it.
        : Approval(Story(log, call)) is { } approval ? world.Repository.Tags(Allowed(log, call, approval).Element().GetProperty("sha_to_deploy").GetString()!).Count : 0;

    private static IEnumerable<string> OfCall(ThreadLog log, CallId call, Happened before, int times, Archive archive)
    {
        var story = Story(log, call);
        var starts = story.OfType<ToolStarted>().Count();
        var (intent, approval) = (Chosen(log, call).Intent, Approval(story));
        var allowed = Allowed(log, call, approval);
        if (times > 1 && Effects[intent] == Effect.Effectful)
        {
            yield return $"it happened {times} times";
        }

        if (times != 1 && story.Any(happened => happened is ToolReturned) && Effects[intent] == Effect.Effectful)
        {
            yield return $"it has returned, and it happened {times} times";
        }

        for (var i = 1; i < story.Count && Effects[intent] == Effect.Effectful; i++)
        {
            if (story[i] is ToolStarted && !(Answer(story[i - 1]) is InDoubtAnswer.RunAgain || story[i - 1] is RequestAnswered { Approved: true }))
            {
                yield return $"it was started again, and nobody said so: {story[i - 1].GetType().Name} came before";
            }
        }

        if (before.Times > 0 && starts == 0)
        {
            yield return "it happened, and it was never started";
        }

        if (before.Posted.Count > starts)
        {
            yield return $"it was called {before.Posted.Count} times and started {starts} times";
        }

        if (before.Posted.FirstOrDefault(post => JsonText.Parse(post.Arguments) != allowed) is { } other)
        {
            yield return $"it was done with {other.Arguments}, and {allowed} was meant";
        }

        // What never reached a server that had died may have failed; nothing else.
        if (story.OfType<ToolFailed>().FirstOrDefault() is { } failed && !(intent == Engraver.Tool && times == 0))
        {
            yield return $"it failed: {failed.Error}";
        }

        if (Gated.Contains(intent) && starts > 0 && !(approval is not null && archive.IsApproved(log.Thread.Id.Value, approval.Request.Version, allowed)))
        {
            yield return $"it was started with {allowed}, and nobody said yes to that";
        }
    }

    private static StepChosen Chosen(ThreadLog log, CallId call) => (StepChosen)log.Events[call.Version - 1];

    private static RequestAnswered? Approval(List<ThreadEvent> story) => story.OfType<RequestAnswered>().FirstOrDefault(answer => answer.Approved == true);

    private static JsonText Allowed(ThreadLog log, CallId call, RequestAnswered? approval) => approval is null ? Chosen(log, call).Arguments
        : approval.Arguments ?? ((RequestOpened)log.Events[approval.Request.Version - 1]).Action!.Arguments;

    /// <summary>What happened with one call, without what does not move it.</summary>
    private static List<ThreadEvent> Story(ThreadLog log, CallId call)
    {
        var events = log.Events;
        // An agent has one call at a time, so a request without a name belongs to the step before it.
        CallId? Of(int version) => events[version - 1] switch
        {
            ToolStarted e => e.Call,
            ToolReturned e => e.Call,
            ToolFailed e => e.Call,
            RequestOpened { Call: { } named } => named,
            RequestOpened => Enumerable.Range(1, version - 1).Where(v => events[v - 1] is StepChosen).Select(v => (CallId?)new CallId(v)).LastOrDefault(),
            RequestAnswered e => Of(e.Request.Version),
            _ => null,
        };
        return [.. Enumerable.Range(1, events.Count).Where(version => Of(version) == call).Select(version => events[version - 1])];
    }

    private static InDoubtAnswer? Answer(ThreadEvent happened) =>
        happened is RequestAnswered { Approved: null } answer ? InDoubtAnswer.Of(answer.Response) : null;
}
