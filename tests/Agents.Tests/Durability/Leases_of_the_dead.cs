using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Workflows;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class Leases_of_the_dead
{
    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task A_no_that_ends_a_workflow_takes_the_lease_away_from_the_dead_process_that_ran_it()
    {
        var (entered, never) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource<string>());
        var flow = Shop.Flow(async (run, _) => string.Join(' ', await run.All(
            () => run.Step("first", Effect.Idempotent, (_, _) =>
            {
                entered.TrySetResult();
                return never.Task;
            }),
            () => run.Step("second", Effect.Idempotent, (_, _) => Task.FromResult("done"))))) with
        { Limits = new(Steps: 1) };
        var first = new AgentBench([flow], Shop.Plays);
        var id = await first.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await entered.Task.WaitAsync(TestContext.Current.CancellationToken);
        // It is asked about its limit while a step runs, and dies.
        Assert.Equal(RequestKind.Budget, Assert.Single((await first.Until(id, log => log.Thread.OpenRequests.Count > 0)).Thread.OpenRequests).Asked.Kind);
        await using var second = first.Crash();

        await second.Host.Answer(id, AgentBench.Me, null, approved: false, null, null);

        Assert.Equal(ThreadStatus.Failed, second.Store.Read(id).Thread.Status);
        using var connection = second.Database.Connect();
        Assert.Equal(0, connection.ExecuteScalar<int>("SELECT count(*) FROM leases"));
    }
}
