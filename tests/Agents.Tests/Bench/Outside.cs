using System.Collections.Concurrent;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>The world outside the log: everything tools did to it, with the key each was done under.</summary>
internal sealed class Outside
{
    private readonly ConcurrentQueue<string> _done = new();

    /// <summary>What was done, in order, without the thread in the key: <c>pay book call_2</c>.</summary>
    public IReadOnlyList<string> Done => [.. _done];

    public Tool Look => Tool("look", Effect.ReadOnly);

    public Tool Store => Tool("store", Effect.Idempotent);

    public Tool Pay => Tool("pay", Effect.Effectful);

    public Tool Deploy => Tool("deploy", Effect.Effectful).Gated();

    public Microagent Clerk => TestAgents.Clerk(Look, Store, Pay, Deploy);

    private Tool Tool(string name, Effect effect) => TestAgents.Tool(name, effect, call =>
    {
        var item = call.Arguments.Element().GetProperty("item").GetString();
        _done.Enqueue($"{name} {item} {call.IdempotencyKey[(call.Thread.Value.Length + 1)..]}");
        return $$"""{"did":"{{name}} {{item}}"}""";
    });
}
