using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Microagents.Pipeline;

/// <summary>
/// From a merge to tested production: plain code, and a small agent where a person may have something to say. What an
/// agent reports decides nothing here; what is live and what the tests say does.
/// </summary>
public static class Pipeline
{
    public const string Name = "pipeline";
    private const string TestAgain = "test_again";
    private const string TryAgain = "try_again";
    private const string LeaveIt = "leave_it";
    private const int LooksBeforeAsking = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    public static Microagent Of(PipelineWorld world) => Workflow.Of(
        Name, "Brings a merged commit to production: staging and its tests, deploybot with its approvals, tests of production, and rollback when those fail.",
        PipelineInput.Schema, PipelineOutput.Schema, "1", async (run, input) => (await Deploy(run, PipelineInput.From(input).Commit, world).ConfigureAwait(true)).ToJson());

    private static async Task<PipelineOutput> Deploy(Run run, string merged, PipelineWorld world)
    {
        var commit = await run.Step("resolve_commit", Effect.ReadOnly, (_, stop) => world.Resolve(merged, stop)).ConfigureAwait(true);
        var sha = commit.Sha;
        await run.Step("deploy_to_staging", Effect.Idempotent, (call, stop) => world.DeployToStaging(commit, call.IdempotencyKey, stop)).ConfigureAwait(true);
        var staging = await run.Step("test_staging", Effect.ReadOnly, (_, stop) => world.TestStaging(sha, stop)).ConfigureAwait(true);
        await run.Step("mark_build", Effect.Idempotent, (_, stop) => world.Mark(sha, staging.Passed, stop)).ConfigureAwait(true);
        var before = await Live(run, world).ConfigureAwait(true);
        if (!staging.Passed)
        {
            return new(Outcome.StagingFailed, sha, before, staging.Failed, "Staging fails its tests, so nothing went to production.");
        }

        var said = await Call(run, Deploybot.Deploybot.Name, new { message = $"deploy SHA {sha} to production" }).ConfigureAwait(true);
        var live = await Seen(run, () => Live(run, world)).ConfigureAwait(true);
        if (live == before)
        {
            return new(Outcome.NotDeployed, sha, live, [], $"Production is what it was. deploybot said: {said}");
        }

        var failed = live is null ? null : await Seen(run, () => Test(run, world, sha, live)).ConfigureAwait(true);
        if (live is null || failed is null)
        {
            return Left(sha, live, [], $"deploybot said: {said}");
        }

        return failed.Count == 0
            ? new(Outcome.Deployed, sha, live, failed, $"Production passes its tests. deploybot said: {said}")
            : await RollBack(run, world, new(sha, live.WhereNot(before), before.WhereNot(live), failed), before).ConfigureAwait(true);
    }

    /// <summary>Takes the deploy back and tests again; what fails then is for a person, until it passes or is left so.</summary>
    private static async Task<PipelineOutput> RollBack(Run run, PipelineWorld world, RollbackFacts facts, InProduction before)
    {
        var said = await Call(run, Rollback.Rollback.Name, facts.ToJson()).ConfigureAwait(true);
        while (true)
        {
            var live = await Seen(run, () => Live(run, world)).ConfigureAwait(true);
            var failed = live is null ? null : await Seen(run, () => Test(run, world, facts.Sha, live)).ConfigureAwait(true);
            if (live is null || failed is null)
            {
                return Left(facts.Sha, live, facts.FailedTests, $"rollback said: {said}");
            }

            if (failed.Count == 0)
            {
                return live == before
                    ? new(Outcome.RolledBack, facts.Sha, live, failed, $"Production failed its tests, was taken back, and passes them again. rollback said: {said}")
                    : new(Outcome.Recovered, facts.Sha, live, failed, $"Production failed its tests, and passes them now. rollback said: {said}");
            }

            var word = await run.Ask($"Production fails {failed.Count} of its tests, also after the rollback. What now?",
                $"{string.Join("\n", failed.Select(test => $"- {test.Test}: {test.Why}"))}\n\nrollback said: {said}",
                [new(TestAgain, "Test again, once it is put right"), new(LeaveIt, "Leave production as it is")]).ConfigureAwait(true);
            if (word == LeaveIt)
            {
                return new(Outcome.LeftFailing, facts.Sha, live, failed, $"Production fails its tests and was left as it is. rollback said: {said}");
            }
        }
    }

    private static PipelineOutput Left(string sha, InProduction? live, IReadOnlyList<FailedTest> failed, string said) =>
        new(Outcome.LeftFailing, sha, live ?? new(null, null), failed, $"Production could not be looked at and was left as it is. {said}");

    /// <summary>
    /// What there is to see, or null where a person leaves it at that. Once something may be live that nobody has tested, a
    /// look that fails is no end: it is tried again, and then it is for a person.
    /// </summary>
    private static async Task<T?> Seen<T>(Run run, Func<Task<T>> look)
        where T : class
    {
        for (var looks = 1; ; looks++)
        {
            string why;
            try
            {
                return await look().ConfigureAwait(true);
            }
            catch (StepFailedException e)
            {
                why = e.Reason;
            }

            if (looks % LooksBeforeAsking > 0)
            {
                await run.Sleep(Pause).ConfigureAwait(true);
            }
            else if (await WhatNow(run, why).ConfigureAwait(true) == LeaveIt)
            {
                return null;
            }
        }
    }

    private static async Task<string> WhatNow(Run run, string why)
    {
        try
        {
            return await run.Ask($"Production could not be looked at: {why.TrimEnd('.')}. What now?", "What is live was not tested, and nothing was taken back.",
                [new(TryAgain, "Try again, once it can be reached"), new(LeaveIt, "Leave production as it is, untested")]).ConfigureAwait(true);
        }
        catch (StepFailedException)
        {
            // Nobody answered in time, which decides nothing.
            return TryAgain;
        }
    }

    private static Task<InProduction> Live(Run run, PipelineWorld world) => run.Step("look_at_production", Effect.ReadOnly, (_, stop) => world.Live(stop));

    /// <summary>The tests of production that fail. They get one more try once a deploy has had the time to settle.</summary>
    private static async Task<IReadOnlyList<FailedTest>> Test(Run run, PipelineWorld world, string sha, InProduction live)
    {
        var report = await run.Step("test_production", Effect.ReadOnly, (_, stop) => world.TestProduction(sha, live, stop)).ConfigureAwait(true);
        if (report.AgainAfter is { } seconds)
        {
            await run.Sleep(TimeSpan.FromSeconds(seconds)).ConfigureAwait(true);
            report = await run.Step("test_production", Effect.ReadOnly, (_, stop) => world.TestProduction(sha, live, stop)).ConfigureAwait(true);
        }

        return report.Failed;
    }

    /// <summary>What the agent said in the end. One that failed or was cancelled may have changed production all the same, so it is no end here.</summary>
    private static async Task<string> Call(Run run, string agent, object input)
    {
        try
        {
            return (await run.Agent<AgentWords>(agent, input).ConfigureAwait(true)).Message;
        }
        catch (StepFailedException e)
        {
            return e.Message;
        }
    }

    private sealed record AgentWords(string Message);
}
