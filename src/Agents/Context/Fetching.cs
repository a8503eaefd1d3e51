using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>Fetches the facts of an agent, all at once. One that cannot be had says why and holds up nothing.</summary>
internal sealed class Fetching(TimeProvider clock)
{
    public async Task<ThreadCommand> All(Microagent agent, AgentThread thread, CancellationToken stop)
    {
        var facts = await Task.WhenAll(agent.Context.Prefetch.Select((wanted, i) =>
            One(agent, wanted, thread, new(thread.Version + 1 + i), stop))).ConfigureAwait(false);
        return new AddFacts(clock.GetUtcNow(), facts);
    }

    /// <param name="id">The version that the fact will have in the log.</param>
    private async Task<Fact> One(Microagent agent, Prefetch wanted, AgentThread thread, CallId id, CancellationToken stop)
    {
        if (agent.FindTool(wanted.Intent) is not { } tool || !Facts.MayFetch(tool))
        {
            return new(wanted.Intent, wanted.Arguments, Error: $"{wanted.Intent} is no read-only tool of {agent.Name} any more");
        }

        using var timed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        CallersTrace.Carry(thread);
        using var span = ToolSpan.Start(tool, thread.Id, id, 1, wanted.Arguments);
        try
        {
            var call = new ToolCall(thread.Id, id, id.IdempotencyKey(thread.Id), wanted.Arguments, 1, clock.GetUtcNow());
            return await ToolRunner.Aside(tool, cancellation => tool.Run(call, cancellation), timed.Token).WaitAsync(tool.Timeout, clock, stop).ConfigureAwait(false) is ToolOutcome.Returned { Result: var result }
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
        catch (Exception e)
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
