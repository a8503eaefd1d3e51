using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>Fetches the facts of an agent, all at once. One that cannot be had says why and holds up nothing.</summary>
internal sealed class Fetching(TimeProvider clock, Relays relays)
{
    /// <param name="isPickedUp">Whoever ran the thread before may be dead of one of them.</param>
    public async Task<ThreadCommand> All(Microagent agent, ThreadLog log, bool isPickedUp, CancellationToken stop)
    {
        List<Task<Fact>> facts = [];
        foreach (var (i, wanted) in agent.Context.Prefetch.Index())
        {
            facts.Add(One(agent, wanted, log, new(log.Thread.Version + 1 + i), isPickedUp, stop));
            // Were they at it together, one that ends the process would be counted with all others.
            await (isPickedUp ? facts[i] : Task.CompletedTask).ConfigureAwait(false);
        }

        return new AddFacts(clock.GetUtcNow(), await Task.WhenAll(facts).ConfigureAwait(false));
    }

    /// <param name="id">The version that the fact will have in the log.</param>
    private async Task<Fact> One(Microagent agent, Prefetch wanted, ThreadLog log, CallId id, bool isPickedUp, CancellationToken stop)
    {
        var thread = log.Thread;
        if (agent.FindTool(wanted.Intent) is not { } tool || !Facts.MayFetch(tool))
        {
            return new(wanted.Intent, wanted.Arguments, Error: $"{wanted.Intent} is no read-only tool of {agent.Name} any more");
        }

        // Facts are fetched over and over. One that was given up would otherwise end a few more processes each time.
        if (log.Events.OfType<Fetched>().Any(before => before.Error == Unmarked.GivenUp && before.Intent == wanted.Intent && before.Arguments == wanted.Arguments))
        {
            return new(wanted.Intent, wanted.Arguments, Error: Unmarked.GivenUp);
        }

        using var timed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        CallersTrace.Carry(thread);
        using var span = ToolSpan.Start(tool, thread.Id, id, 1, wanted.Arguments);
        try
        {
            var call = new ToolCall(thread.Id, id, id.IdempotencyKey(thread.Id), wanted.Arguments, 1, clock.GetUtcNow());
            return await relays.Run(thread.Id, id, isPickedUp, () => ToolRunner.Aside(tool, cancellation => tool.Run(call, cancellation), timed.Token).WaitAsync(tool.Timeout, clock, stop), stop).ConfigureAwait(false) is ToolOutcome.Returned { Result: var result }
                ? new Fact(wanted.Intent, wanted.Arguments, ToolRunner.Bounded(result, agent.Limits.ToolOutput))
                : Missing("it does not answer at once, so it cannot be fetched ahead");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException)
        {
            await timed.CancelAsync().ConfigureAwait(false);
            return Missing($"it did not end within {tool.Timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is not DatabaseException)
        {
            return Missing(ErrorText.Of(e));
        }

        Fact Missing(string why)
        {
            span.Failed("tool_failed");
            return new(wanted.Intent, wanted.Arguments, Error: why);
        }
    }
}
