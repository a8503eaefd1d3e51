using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Workflows;

/// <summary>The code of a workflow: it chooses the steps over its <see cref="Run"/> and ends with the output, as JSON.</summary>
public delegate Task<JsonText> WorkflowCode(Run run, JsonText input);

/// <summary>
/// An agent whose steps are chosen by plain C#. The code is run from its start whenever its thread goes on; what the log
/// holds already is returned from there and not done again.
/// </summary>
/// <param name="Version">What a thread keeps for life. A thread of another version needs <see cref="Earlier"/>.</param>
public sealed record Workflow(string Version, WorkflowCode Code)
{
    /// <summary>Earlier versions that are still registered, for threads that began with them.</summary>
    public IReadOnlyList<Workflow> Earlier { get; init; } = [];

    /// <summary>Steps of all that a workflow calls count too, so it has more of them than an agent.</summary>
    public static Limits DefaultLimits { get; } = new(Steps: 200, ErrorsInRow: int.MaxValue, ToolOutput: 1_000_000);

    internal WorkflowCode? Find(string version) => version == Version ? Code : Earlier.FirstOrDefault(earlier => earlier.Version == version)?.Code;

    /// <summary>A workflow with typed input and output; their JSON Schemas come from the types, with names in snake_case.</summary>
    public static Microagent Of<TInput, TOutput>(string name, string description, string version, Func<Run, TInput, Task<TOutput>> code) =>
        Of(name, description, TypedJson.SchemaOf<TInput>(), TypedJson.SchemaOf<TOutput>(), version,
            async (run, input) => TypedJson.Write(await code(run, TypedJson.Read<TInput>(input)).ConfigureAwait(false)));

    public static Microagent Of(string name, string description, JsonText input, JsonText output, string version, WorkflowCode code) =>
        new(name, description, input, output, "", [], DefaultLimits) { Flow = new(version, code) };

    /// <summary>
    /// The workflow with tools of other MCP servers, by name (<c>server.tool</c>) or pattern, for <see cref="Run.Tool"/>. They
    /// are gated as for any agent; <paramref name="change"/> says otherwise.
    /// </summary>
    public static Microagent With(Microagent workflow, string tools, Func<Tool, Tool>? change = null) => workflow with
    {
        Intents = [.. workflow.Intents, ServerTools.Parse(tools) with { Changes = change is null ? [] : [(tools, change)] }],
    };

    /// <summary>The workflow with the code of an earlier version beside it, for the threads that began with that.</summary>
    public static Microagent Beside<TInput, TOutput>(Microagent workflow, string earlier, Func<Run, TInput, Task<TOutput>> code) => workflow with
    {
        Flow = workflow.Flow! with
        {
            Earlier = [.. workflow.Flow.Earlier, new(earlier, async (run, input) => TypedJson.Write(await code(run, TypedJson.Read<TInput>(input)).ConfigureAwait(false)))],
        },
    };
}
