using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>Does what <see cref="Turn.Side"/> asks for. Whatever comes of it is a command; only being told to stop is null.</summary>
internal sealed class SideWork(TimeProvider clock, Func<Microagent, IModel>? models)
{
    private readonly Fetching _fetching = new(clock);
    private readonly SideModel _model = new(clock, models);

    /// <param name="model">The agent's own.</param>
    public async Task<ThreadCommand?> Do(Turn.Side turn, ThreadLog log, Microagent agent, IModel model, CancellationToken stop)
    {
        try
        {
            return turn switch
            {
                Turn.Fetch => await _fetching.All(agent, log.Thread, stop).ConfigureAwait(false),
                Turn.Judge { Call: var call } => await Judge(agent.Context.Judge!, call, log, agent, model, stop).ConfigureAwait(false),
                _ => throw new InvalidOperationException(turn.GetType().Name),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<ThreadCommand> Judge(Judge judge, Call call, ThreadLog log, Microagent agent, IModel model, CancellationToken stop)
    {
        var prompt = Judging.Prompt(agent, judge, log.Events, call.Id);
        if (judge.Code is not null)
        {
            var (verdict, reason) = await InCode(judge, new(call.Intent, call.Arguments, prompt, log), stop).ConfigureAwait(false);
            return new JudgeStep(clock.GetUtcNow(), verdict, reason, "code");
        }

        var reply = await _model.Ask(Judging.As(agent, judge), prompt, log, model, judge.Timeout, stop).ConfigureAwait(false);
        var judgement = Judging.Read(reply);
        return new JudgeStep(clock.GetUtcNow(), judgement.Verdict, judgement.Reason, reply.Model, reply.Usage);
    }

    private async Task<Judgement> InCode(Judge judge, Proposal proposal, CancellationToken stop)
    {
        try
        {
            return await judge.Code!(proposal, stop).WaitAsync(judge.Timeout, clock, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new(Verdict.None, $"it did not answer within {judge.Timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            return new(Verdict.None, ErrorText.Of(e));
        }
    }
}
