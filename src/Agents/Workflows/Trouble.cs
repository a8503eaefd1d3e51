using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Workflows;

/// <summary>Why a workflow cannot go on with a log, in words for whoever can change its code. The thread waits for that. Pure.</summary>
internal static class Trouble
{
    public const string Deadly = "its code has ended its process 20 times";
    private const string Again = "try_again";

    public static string? Of(AgentThread thread, Microagent agent, Execution? execution) => execution switch
    {
        null when agent.Flow is null => $"{thread.Start.Agent} is no workflow of this program",
        null => $"it began as version {thread.Start.Workflow} of {agent.Name}, and this program has {string.Join(", ", agent.Flow.Earlier.Select(earlier => earlier.Version).Prepend(agent.Flow.Version))} only",
        { Trouble: { } why } => why,
        { WasDisturbed: true } => "its code was continued by something that is no operation of its run; do such work in a step",
        { Result: null } when thread.State is Working { Open.IsEmpty: true, Held: null } =>
            "its code waits for something that is no operation of its run (Task.Run, Task.Delay, a call to a service); do such work in a step",
        _ => null,
    };

    public static OpenARequest Ask(string why, PeoplePolicy by, DateTimeOffset now) => by.Ask(new(
        now, RequestKind.Question, $"The workflow cannot go on: {why}. Put the code right, restart, and answer {Again}; or cancel the thread.",
        "Nothing was lost: what is done stays done, and the thread goes on from there once its code fits its log.",
        JsonText.Parse($$"""{"type":"string","enum":["{{Again}}"]}"""), [new(Again, "Try again")]));

    public static InvalidOperationException LeftOpen(OpenCall call) => new(
        $"it ended while {IntentOf(call.State)} was still open; await everything that is begun, or give a request an expiry");

    private static string IntentOf(ThreadState state) => state switch
    {
        Chosen s => s.Call.Intent,
        Approved s => s.Call.Intent,
        Acting s => s.Call.Intent,
        Waiting { Call: { } call } => call.Intent,
        _ => "a request",
    };
}
