using System.Text.Json;
using System.Text.Json.Serialization;
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
    private static readonly JsonText Input = JsonText.Parse("""{"type":"object","properties":{"calls":{"type":"array","items":{"type":"object","properties":{"agent":{"type":"string"},"input":true},"required":["agent","input"],"additionalProperties":false}}},"required":["calls"],"additionalProperties":false}""");
    private static readonly JsonText Output = JsonText.Parse("""{"type":"object","properties":{"results":{"type":"array","items":{"type":"object","properties":{"agent":{"type":"string"},"output":true,"error":{"type":["string","null"]}},"required":["agent","output","error"]}}},"required":["results"]}""");

    public static Microagent Workflow { get; } = Workflows.Workflow.Of(
        Name, "Calls several agents at once and gives what each of them gave.", Input, Output, "1",
        async (run, input) => TypedJson.Write(await GiveAll(run, Read(input)).ConfigureAwait(false))) with
    { IsListed = false, Names = Named };

    private static IReadOnlyList<(string, JsonText)> Named(JsonText input) => [.. Read(input).Calls.Select(call => (call.Agent, call.Input))];

    // Before it is started and when it is called alike: by the names of the schema alone, also what older logs began with beside
    // them. An input that does not fit is refused at the door; whoever asks before that is told of what can be read.
    private static Wanted Read(JsonText input) => new([.. Members(input.Element(), "calls", JsonValueKind.Array).SelectMany(calls => calls.EnumerateArray())
        .SelectMany(call => Members(call, "agent", JsonValueKind.String).Zip(Members(call, "input"), (agent, given) => new Call(agent.GetString()!, JsonText.From(given))))]);

    private static IEnumerable<JsonElement> Members(JsonElement of, string name, JsonValueKind? kind = null) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) && (kind ?? member.ValueKind) == member.ValueKind ? [member] : [];

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

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record Wanted(IReadOnlyList<Call> Calls);

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record Call(string Agent, JsonText Input);

    public sealed record Given(IReadOnlyList<Result> Results);

    /// <param name="Output">What the agent gave; null when it failed or was cancelled.</param>
    public sealed record Result(string Agent, JsonText? Output, string? Error);
}
