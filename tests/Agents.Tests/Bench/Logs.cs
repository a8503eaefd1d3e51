using AgentMcp.Agents.Prompting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>Events written by hand, in few words. All happen at one moment.</summary>
internal static class Logs
{
    public static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    public static ThreadStarted Started(string input, string trigger = "message_received", string by = "mia", string channel = "stdio") =>
        new(At, "agent", "sha256:0", JsonText.Parse(input), by, channel, trigger);

    public static StepChosen Chose(string intent, string arguments) => new(At, intent, JsonText.Parse(arguments), "scripted");

    public static StepRejected Rejected(string reason) => new(At, reason, "scripted");

    public static ToolStarted Began(int call, int attempt = 1) => new(At, new(call), attempt);

    public static ToolReturned Returned(int call, string result) => new(At, new(call), JsonText.Parse(result));

    public static ToolFailed Failed(int call, string error) => new(At, new(call), error);

    public static RequestOpened Asked(RequestKind kind, BoundAction? action = null) => new(At, kind, "?", Action: action);

    public static RequestOpened AskedLeave(string tool, string arguments) => Asked(RequestKind.Approval, ActionDigest.Bind(tool, JsonText.Parse(arguments)));

    public static RequestAnswered Answered(int request, bool? approved = null, string? response = null, string? comment = null, string by = "mia", string channel = "stdio") =>
        new(At, new(request), by, channel, approved, response is null ? null : JsonText.Parse(response), comment);

    /// <summary>What a model would be shown of a log that could really be.</summary>
    public static string Shown(params ThreadEvent[] log)
    {
        _ = ThreadLog.Of(ThreadId.New(At), log);
        return string.Join("\n\n", Blocks.Of(log));
    }
}
