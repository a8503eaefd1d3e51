using System.Collections.Concurrent;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Servers;

/// <summary>A server whose one tool books an item there and asks a question before it does; both keep going on without us.</summary>
internal sealed class FarServer : IToolServers
{
    /// <summary>An agent that lists its tool.</summary>
    public static Microagent Clerk { get; } = TestAgents.Clerk() with { Intents = [ServerTools.Parse("far.*"), .. TestAgents.Clerk().Intents] };

    public ConcurrentQueue<string> Ended { get; } = new();

    /// <summary>Whether the question was answered there.</summary>
    public bool IsSettled { get; set; }

    public Effect Effect { get; init; } = Effect.Idempotent;

    public Route Route { get; init; }

    /// <summary>Whether this process has the server, or only threads that used it.</summary>
    public bool IsConfigured { get; init; } = true;

    /// <summary>Whether another process holds its calls.</summary>
    public bool IsHeldElsewhere { get; init; }

    public Func<ToolCall, CancellationToken, Task<ToolOutcome>> Begins { get; init; } = (call, _) => Task.FromResult<ToolOutcome>(
        new ToolOutcome.Asked(RequestKind.Question, "Which size?", new(JsonText.Of($"at {ItemOf(call)}"))));

    public IReadOnlyList<string> Names => ["far"];

    public static string ItemOf(ToolCall call) => call.Arguments.Element().GetProperty("item").GetString()!;

    public Task<IReadOnlyList<OfferedTool>> ToolsOf(string server, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<OfferedTool>>([new(Recall(new("far", "book")))]);

    public Tool Recall(ServerTool origin) => new(origin.Name, "Books.", TestAgents.OneItem, Effect, Run)
    {
        From = origin,
        Route = Route,
        MayChange = true,
        Attempts = int.MaxValue,
        IsGone = !IsConfigured,
        Elsewhere = new((_, _) => Task.FromResult(IsSettled), End) { IsLeft = _ => IsHeldElsewhere },
    };

    private Task<ToolOutcome> Run(ToolCall call, CancellationToken cancellation) => call.Relayed is null ? Begins(call, cancellation)
        : Task.FromResult<ToolOutcome>(new ToolOutcome.Returned(JsonText.Of($"{ItemOf(call)} {call.Relayed.Answer?.Response?.AsString() ?? "as it was settled there"}")));

    private Task End(ToolCall call, CancellationToken cancellation)
    {
        Ended.Enqueue($"{ItemOf(call)} {call.Relayed?.Continuation.AsString()}".TrimEnd());
        return Task.CompletedTask;
    }
}
