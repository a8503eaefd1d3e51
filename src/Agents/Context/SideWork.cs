using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Context;

/// <summary>Does what <see cref="Turn.Side"/> asks for. Whatever comes of it is a command; only being told to stop is null.</summary>
internal sealed class SideWork(TimeProvider clock, Func<Microagent, IModel>? models, StoredResults results, Relays relays)
{
    private static readonly TimeSpan LongestSummary = TimeSpan.FromSeconds(60);

    private readonly Fetching _fetching = new(clock, relays);
    private readonly SideModel _model = new(clock, models);

    /// <param name="model">The agent's own.</param>
    /// <param name="isPickedUp">Whoever ran the thread before may be dead of this.</param>
    public async Task<ThreadCommand?> Do(Turn.Side turn, ThreadLog log, Microagent agent, IModel model, bool isPickedUp, CancellationToken stop)
    {
        try
        {
            return turn switch
            {
                Turn.Fetch => await _fetching.All(agent, log, isPickedUp, stop).ConfigureAwait(false),
                Turn.Judge { Call: var call } => await Judge(agent.Context.Judge!, call, log, agent, model, isPickedUp, stop).ConfigureAwait(false),
                Turn.Shorten range => await Shorten(range, log, agent, model, stop).ConfigureAwait(false),
                _ => throw new InvalidOperationException(turn.GetType().Name),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>A result that the call can have without running: its tool's results last, this agent had it, and nothing was changed from here since.</summary>
    public ReturnTool? Known(Turn.Run run, ThreadLog log, Microagent agent)
    {
        if (!agent.Context.Cache.TryGetValue(run.Tool.Name, out var lifetime) || !Facts.MayFetch(run.Tool) || run.Tool.IsPure || log.Thread.State is not Chosen)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var since = Facts.LastEffect(agent, log.Events) is { } effect && effect > now - lifetime ? effect : now - lifetime;
        try
        {
            return results.Newest(log.Thread.Start.Principal, log.Thread.Definition.Hash, run.Tool.Name, run.Call.Bound, since) is var (result, from) ? new ReturnTool(now, result, from) : null;
        }
        catch (Exception e) when (DatabaseException.IsOfOneLog(e))
        {
            // It is looked for in the logs of all. One of them that cannot be read costs what the cache would have saved, and no step.
            return null;
        }
    }

    private async Task<ThreadCommand> Shorten(Turn.Shorten range, ThreadLog log, Microagent agent, IModel model, CancellationToken stop)
    {
        var (source, _, cut) = Summaries.Of(agent.Context, log.Events, range);
        if (agent.Context.Summariser is null)
        {
            return new Summarise(clock.GetUtcNow(), range.From, range.To, cut(), "code");
        }

        var summariser = Summaries.As(agent);
        var reply = await _model.Ask(summariser, Summaries.Prompt(summariser, agent.Context, log.Events, range), log, model, LongestSummary, stop).ConfigureAwait(false);
        var (text, problem) = Summaries.Read(reply, source);
        return text is null
            ? new Summarise(clock.GetUtcNow(), range.From, range.To, cut(), "code", reply.Usage, $"{reply.Model}: {problem}")
            : new Summarise(clock.GetUtcNow(), range.From, range.To, text, reply.Model, reply.Usage);
    }

    private async Task<ThreadCommand> Judge(Judge judge, Call call, ThreadLog log, Microagent agent, IModel model, bool isPickedUp, CancellationToken stop)
    {
        var prompt = Judging.Prompt(agent, judge, log.Events, call.Id);
        if (judge.Code is not null)
        {
            var (verdict, reason) = await InCode(judge, new(call.Intent, call.Arguments, prompt, log), call.Id, isPickedUp, stop).ConfigureAwait(false);
            return new JudgeStep(clock.GetUtcNow(), verdict, reason, "code");
        }

        var reply = await _model.Ask(Judging.As(agent, judge), prompt, log, model, judge.Timeout, stop).ConfigureAwait(false);
        var judgement = Judging.Read(reply);
        return new JudgeStep(clock.GetUtcNow(), judgement.Verdict, judgement.Reason, reply.Model, reply.Usage);
    }

    private async Task<Judgement> InCode(Judge judge, Proposal proposal, CallId of, bool isPickedUp, CancellationToken stop)
    {
        try
        {
            // It may block before it awaits anything: neither its time nor a cancellation would reach it on this thread.
            return await relays.Run(proposal.Log.Thread.Id, of, isPickedUp,
                () => Task.Run(() => judge.Code!(proposal, stop), stop).WaitAsync(judge.Timeout, clock, stop), stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new(Verdict.None, $"it did not answer within {judge.Timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is not DatabaseException)
        {
            return new(Verdict.None, ErrorText.Of(e));
        }
    }
}
