using System.Collections.Concurrent;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Chains;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>Workflows, the agents they call, and what they did outside.</summary>
internal sealed class Shop
{
    private readonly ConcurrentQueue<string> _done = new();

    /// <summary>What steps did, in order, with the call they did it for.</summary>
    public IReadOnlyList<string> Done => [.. _done];

    public Outside Outside { get; } = new();

    public static Microagent Flow(Func<Run, string, Task<string>> code, string version = "1") =>
        Workflow.Of("flow", "Does as its code says.", Microagent.MessageSchema, JsonText.Parse("""{"type":"string"}"""), version, Code(code));

    public static WorkflowCode Code(Func<Run, string, Task<string>> code) => async (run, input) =>
        JsonText.Of(await code(run, input.Element().GetProperty("message").GetString()!));

    public Task<string> Step(Run run, string name, Effect effect = Effect.Idempotent) => run.Step(name, effect, (call, _) =>
    {
        _done.Enqueue($"{name} {call.Id}");
        return Task.FromResult($"{name} done");
    });

    /// <summary>Two agents with one gated action each, and the model that plays them.</summary>
    public Microagent[] With(Microagent flow) =>
        [flow, Crew.Agent("frontend", Outside.Store with { Route = Route.Approve }), Crew.Agent("backend", Outside.Store with { Route = Route.Approve })];

    public static IModel Plays { get; } = Crew.Plays(
        ("frontend", [TestAgents.Step("store", "pages"), TestAgents.Done]), ("backend", [TestAgents.Step("store", "tables"), TestAgents.Done]));

    /// <summary>A request of the thread or of what it called, by words of its question.</summary>
    public static (ThreadId Thread, RequestId Id) Asking(AgentBench bench, ThreadId root, string words) => bench.Host.Chain(root, AgentBench.Me.By)
        .SelectMany(log => log.Thread.OpenRequests.Select(open => (log.Thread.Id, open)))
        .Where(one => one.open.Asked.Question.Contains(words, StringComparison.Ordinal)).Select(one => (one.Id, one.open.Id)).Single();

    public static async Task Answer(AgentBench bench, ThreadId root, string words, bool? approved = null, string? response = null, string? comment = null)
    {
        var (thread, request) = Asking(bench, root, words);
        await bench.Host.Answer(thread, AgentBench.Me, request, approved, response is null ? null : JsonText.Of(response), comment);
        await bench.SettleTree(root);
    }
}
