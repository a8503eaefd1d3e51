using System.Text.RegularExpressions;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>
/// What a log tells, a line an event, without ids and times. Two runs of the same story have the same lines once
/// what a crash adds is left out: the repeated start of a call, and the question what became of it.
/// </summary>
internal static partial class Story
{
    public static IReadOnlyList<ThreadEvent> Events(this Database database, string thread)
    {
        using var connection = database.Connect();
        return [.. connection.Query<string>("SELECT data FROM events WHERE thread_id = @thread ORDER BY version", new { thread }).Select(ThreadJson.Read)];
    }

    /// <summary>The one thread there is, or null before it is stored; more than one is a failure.</summary>
    public static string? OnlyThread(this Database database)
    {
        using var connection = database.Connect();
        return connection.QuerySingleOrDefault<string>("SELECT thread_id FROM threads");
    }

    public static string Of(IReadOnlyList<ThreadEvent> log) => string.Join("\n", log.Select(happened => Line(log, happened)));

    /// <summary>The same, down to who did what.</summary>
    public static string Outline(IReadOnlyList<ThreadEvent> log) =>
        string.Join("\n", log.Select(happened => Outline(log, happened)));

    public static string WithoutDetours(IReadOnlyList<ThreadEvent> log) =>
        string.Join("\n", log.Where(happened => !IsDetour(log, happened)).Select(happened => Line(log, happened)));

    public static string Detours(IReadOnlyList<ThreadEvent> log) =>
        string.Join("\n", log.Where(happened => IsDetour(log, happened)).Select(happened => Outline(log, happened)));

    /// <summary>Production tags carry the time they were made at.</summary>
    public static string Timeless(string text) => Stamp().Replace(text, "prod-TIME-");

    private static string Outline(IReadOnlyList<ThreadEvent> log, ThreadEvent happened) =>
        Line(log, happened) is var line && line.IndexOf('{', StringComparison.Ordinal) is > 0 and var json ? line[..json].TrimEnd() : line;

    // What only a crash brings about.
    private static bool IsDetour(IReadOnlyList<ThreadEvent> log, ThreadEvent happened) => happened switch
    {
        ToolStarted e => e.Attempt > 1,
        RequestOpened e => e.Kind == RequestKind.InDoubt,
        RequestAnswered e => Asked(log, e.Request).Kind == RequestKind.InDoubt,
        _ => false,
    };

    private static string Line(IReadOnlyList<ThreadEvent> log, ThreadEvent happened) => Timeless(happened switch
    {
        ThreadStarted e => $"started {e.Agent} {e.Input}",
        StepChosen e => $"{e.Model} chose {e.Intent} {e.Arguments}",
        Fetched e => $"fetched {e.Intent} {e.Arguments} {e.Error}{e.Result}",
        ToolStarted e => $"started {Intent(log, e.Call)}{(e.Attempt == 1 ? "" : $" (attempt {e.Attempt})")}",
        ToolReturned e => $"{Intent(log, e.Call)} returned {e.Result}",
        ToolFailed e => $"{Intent(log, e.Call)} failed: {e.Error}",
        RequestOpened e => $"asked {WireName.Of(e.Kind)}: {e.Question} {e.Action?.Arguments}".TrimEnd(),
        RequestAnswered e => $"{e.By} answered {e.Approved}{e.Response}{(e.Comment is null ? "" : $" \"{e.Comment}\"")}",
        ThreadCompleted e => $"completed {e.Output}",
        _ => happened.ToString(),
    });

    private static string Intent(IReadOnlyList<ThreadEvent> log, CallId call) => ((StepChosen)log[call.Version - 1]).Intent;

    private static RequestOpened Asked(IReadOnlyList<ThreadEvent> log, RequestId request) => (RequestOpened)log[request.Version - 1];

    [GeneratedRegex(@"prod-\d{8}-\d{6}-")]
    private static partial Regex Stamp();
}
