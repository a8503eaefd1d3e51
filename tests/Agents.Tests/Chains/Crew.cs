using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Chains;

/// <summary>Agents that call each other, and a model that plays all of them, each from its own list of steps.</summary>
internal static class Crew
{
    public const string CallWorker = """{"intent":"worker","message":"dig"}""";

    public static Microagent Agent(string name, params Tool[] tools) =>
        TestAgents.Clerk(tools) with { Name = name, Description = $"Is {name}.", Prompt = $"You are {name}." };

    /// <summary>The boss calls the worker; only the worker has tools of its own.</summary>
    public static Microagent[] BossAndWorker(params Tool[] tools)
    {
        var worker = Agent("worker", tools);
        return [Agent("boss", AgentAsTool.Of(worker)), worker];
    }

    /// <summary>Chief, boss and worker, one below the other.</summary>
    public static Microagent[] Three(params Tool[] tools)
    {
        var (worker, boss) = (Agent("worker", tools), Agent("boss", AgentAsTool.Of("worker", "Is worker.", Microagent.MessageSchema)));
        return [Agent("chief", AgentAsTool.Of(boss)), boss, worker];
    }

    public static string Call(string agent) => $$"""{"intent":"{{agent}}","message":"dig"}""";

    public static LogModel Plays(params (string Agent, string[] Steps)[] parts) => new(log =>
        parts.Single(part => part.Agent == log.Thread.Start.Agent).Steps[log.Events.Count(e => e is StepChosen or StepRejected)]);

    /// <summary>Plays the same, and each step costs as many tokens.</summary>
    public static IModel Costing(long tokens, params (string Agent, string[] Steps)[] parts) => new Priced(Plays(parts), tokens);

    private sealed class Priced(LogModel model, long tokens) : IModel
    {
        public string Name => model.Name;

        public async Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) =>
            (ModelReply.Said)await model.NextStep(turn, cancellation) with { Usage = new(tokens, 0) };
    }
}

/// <summary>One model for one agent, another for all others.</summary>
internal sealed class ByAgent(string agent, IModel its, IModel others) : IModel
{
    public string Name => "scripted";

    public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) =>
        (turn.Agent.Name == agent ? its : others).NextStep(turn, cancellation);
}
