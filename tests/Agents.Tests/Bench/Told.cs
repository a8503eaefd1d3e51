using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>A log as lines a person can compare: what happened, without the times.</summary>
internal static class Told
{
    public static IReadOnlyList<string> Of(ThreadLog log) => [.. log.Events.Select(Tell)];

    public static void Is(ThreadLog log, params string[] lines) =>
        Assert.Equal(string.Join("\n", lines), string.Join("\n", Of(log)));

    /// <summary>The end of a story whose beginning is not in question.</summary>
    public static void Ends(ThreadLog log, params string[] lines) =>
        Assert.Equal(string.Join("\n", lines), string.Join("\n", Of(log).TakeLast(lines.Length)));

    /// <summary>Every stored byte, but for the time.</summary>
    public static IReadOnlyList<string> Stored(ThreadLog log) => [.. log.Events.Select(e => ThreadJson.Write(e))];

    public static string Asked(ThreadLog log)
    {
        var asked = log.Thread.OpenRequests[0].Asked;
        return $"{WireName.Of(asked.Kind)}: {asked.Question}{(asked.Context is null ? "" : "\n" + asked.Context)}";
    }

    private static string Tell(ThreadEvent happened) => happened switch
    {
        ThreadStarted e => $"started: {e.Input}",
        StepChosen e => $"chosen: {e.Intent} {e.Arguments}",
        StepRejected e => $"rejected: {e.Reason}",
        ToolStarted e => $"tool started: {e.Call}, attempt {e.Attempt}",
        ToolReturned e => $"tool returned{(e.Cached is { } from ? $" from {from.Version}" : "")}: {e.Call} {e.Result}",
        Fetched e => $"fetched: {e.Intent} {e.Arguments} {(e.Error is { } error ? $"failed: {error}" : e.Result)}",
        StepJudged e => $"judged: {e.Call} {WireName.Of(e.Verdict)} ({e.Reason})",
        Summarised e => $"summarised: {e.From} to {e.To} {e.Text}",
        ToolFailed e => $"tool failed: {e.Call} {e.Error}",
        RequestOpened e => $"{WireName.Of(e.Kind)}: {e.Question}",
        RequestAnswered e => "answered:" + (e.Approved is { } yes ? yes ? " yes" : " no" : "")
            + (e.Response is { } response ? " " + response : "") + (e.Comment is { } comment ? $" ({comment})" : ""),
        AnswerRefused e => $"answer refused: {e.Reason}",
        SleepEnded => "sleep ended",
        RequestExpired => "expired",
        MessageReceived e => $"message: {e.Message}",
        ThreadCompleted e => $"completed: {e.Output}",
        ThreadFailed e => $"failed: {e.Error}",
        ThreadCancelled e => $"cancelled: {e.Reason}",
        ThreadParked => "parked",
        DefinitionChanged => "definition changed",
        ThreadForked e => $"forked at {e.FromVersion}",
        _ => throw new InvalidOperationException(happened.GetType().Name),
    };
}
