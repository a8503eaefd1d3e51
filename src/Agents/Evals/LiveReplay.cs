using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>
/// Asks a model for each step of a case anew, on the history as it was recorded: what it says at one step changes
/// nothing about what it is asked at the next. No tool is run.
/// </summary>
/// <param name="judge">Answers what only a model can tell; null where nobody can, and then that is not asked.</param>
/// <param name="times">How often each step is asked for.</param>
public sealed class LiveReplay(IModel model, IModel? judge, int times = 1)
{
    public async Task<Replayed> Run(Case recorded, Microagent agent, CancellationToken cancellation)
    {
        var played = agent.CalledUnder(recorded.Start.Inherited);
        var log = ThreadLog.Of(ThreadId.New(recorded.Start.At), recorded.Events);
        var steps = new List<StepResult>();
        foreach (var version in recorded.StepVersions)
        {
            var turn = new ModelTurn(played, log.At(version - 1));
            var samples = new List<Sample>();
            for (var i = 0; i < times; i++)
            {
                samples.Add(await Ask(turn, recorded.Output(version) ?? "", Asked(recorded.Step(version)), cancellation).ConfigureAwait(false));
            }

            steps.Add(new(version, Sample.Told(played, recorded.Output(version) ?? ""), samples));
        }

        return new(null, null, null, steps);
    }

    private List<Assertion> Asked(CaseStep? step) => [.. step?.Assertions.Where(assertion => judge is not null || !assertion.IsForJudge) ?? []];

    private async Task<Sample> Ask(ModelTurn turn, string recorded, IReadOnlyList<Assertion> assertions, CancellationToken cancellation)
    {
        try
        {
            var reply = await model.NextStep(turn, cancellation).ConfigureAwait(false) as ModelReply.Said
                ?? throw new ModelException($"{model.Name} is whoever calls, and nobody calls in a replay. Choose another --model.", mayPass: false);
            var sample = Sample.Of(turn.Agent, reply.Text, recorded, assertions);
            foreach (var question in assertions.Where(assertion => assertion.IsForJudge))
            {
                var miss = await Judge.Miss(judge!, question.Expected.AsString()!, turn.Prompt, reply.Text, cancellation).ConfigureAwait(false);
                sample = miss is null ? sample with { Passed = sample.Passed + 1 } : sample with { Failures = [.. sample.Failures, $"{question} No: {miss}"] };
            }

            return sample;
        }
        catch (ModelException e) when (e.MayPass)
        {
            return new($"no reply: {e.Message}", false, 0, [.. assertions.Select(one => $"{one}, but there was no reply")]);
        }
    }
}
