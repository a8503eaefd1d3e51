using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Microagents.SideBySide;

/// <summary>
/// Calls several agents at once, in one thread: what they ask is open side by side and answered in any order, and one
/// that fails stops no other. Started by its name, with <c>invoke_agent</c>; the smallest workflow there is.
/// </summary>
public static class SideBySide
{
    public const string Name = "side_by_side";

    // What Workflow.Of<Wanted, Given> would make of the types, at every start of every process.
    private static readonly JsonText Input = JsonText.Parse("""{"type":"object","properties":{"calls":{"type":"array","items":{"type":"object","properties":{"agent":{"type":"string"},"input":true},"required":["agent","input"]}}},"required":["calls"]}""");
    private static readonly JsonText Output = JsonText.Parse("""{"type":"object","properties":{"results":{"type":"array","items":{"type":"object","properties":{"agent":{"type":"string"},"output":true,"error":{"type":["string","null"]}},"required":["agent","output","error"]}}},"required":["results"]}""");

    public static Microagent Workflow { get; } = Workflows.Workflow.Of(
        Name, "Calls several agents at once and gives what each of them gave.", Input, Output, "1",
        async (run, input) => TypedJson.Write(await GiveAll(run, TypedJson.Read<Wanted>(input)).ConfigureAwait(false))) with
    { IsListed = false, Names = Named };

    // Read as it will be when it is called; of an input that does not fit nothing is called.
    private static IReadOnlyList<(string, JsonText)> Named(JsonText input) =>
        JsonSchemas.Violation(Input, input) is null ? [.. TypedJson.Read<Wanted>(input).Calls.Select(call => (call.Agent, call.Input))] : [];

    private static async Task<Given> GiveAll(Run run, Wanted wanted) =>
        new(await run.All(wanted.Calls.Select(call => (Func<Task<Result>>)(() => Give(run, call)))).ConfigureAwait(false));

    private static async Task<Result> Give(Run run, Call call)
    {
        try
        {
            return new(call.Agent, await run.Agent(call.Agent, call.Input).ConfigureAwait(false), null);
        }
        catch (StepFailedException e)
        {
            return new(call.Agent, null, e.Reason);
        }
    }

    public sealed record Wanted(IReadOnlyList<Call> Calls);

    public sealed record Call(string Agent, JsonText Input);

    public sealed record Given(IReadOnlyList<Result> Results);

    /// <param name="Output">What the agent gave; null when it failed or was cancelled.</param>
    public sealed record Result(string Agent, JsonText? Output, string? Error);
}
