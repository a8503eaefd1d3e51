using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>
/// A workflow with steps, two children side by side, an approval, a question and a sleep. The process dies at every event
/// there is, whichever thread writes it, and another one that knows nothing but the database brings it to the same end.
/// </summary>
public sealed class Crash_anywhere_in_a_workflow
{
    private const int Events = 60;

    public static TheoryData<int> Stored() => [.. Enumerable.Range(1, Events)];

    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "R.10")]
    [Trait("Accepts", "R.11")]
    [MemberData(nameof(Stored))]
    public async Task Each_effect_happens_once_and_the_end_is_the_same(int stored)
    {
        var shop = new Shop();
        var flow = Shop.Flow(async (run, what) =>
        {
            var built = await shop.Step(run, "build");
            var shipped = await run.All(
                async () => (await run.Agent("frontend", new { message = what })).Text,
                async () => await shop.Step(run, "warm-up", Effect.ReadOnly) + (await run.Agent("backend", new { message = what })).Text);
            var leave = await run.Approve("announce", new { what }, "Announce it?");
            await run.Sleep(TimeSpan.FromSeconds(30));
            var words = leave.Approved ? await run.Ask("In which words?") : "";
            return $"{built}, {string.Join(" and ", shipped)}, {words}, {await shop.Step(run, "announce", Effect.Effectful)}, {run.NewId() != run.NewId()}";
        });
        var first = new AgentBench(shop.With(flow), Shop.Plays);
        using var disk = first.Database.Connect();
        var id = await first.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        // A broken disk rather than a refusal: what cannot be stored is not taken for the outcome of anything.
        disk.Execute($"CREATE TRIGGER cut BEFORE INSERT ON events WHEN (SELECT count(*) FROM events) >= {stored} BEGIN SELECT json_extract('{{', '$'); END");
        await Undergo(() => Drive(first, id));
        await Undergo(() => first.Runner.Stop(TimeSpan.Zero));
        disk.Execute("DROP TRIGGER cut");

        await using var second = first.Crash();
        await Drive(second, id);

        var root = second.Store.Read(id);
        const string Output = """{"message":"done"}""";
        Assert.Equal($"completed: {JsonText.Of($"build done, {Output} and warm-up done{Output}, loudly, announce done, True")}", Told.Of(root)[^1]);
        Assert.Equal(["backend completed", "flow completed", "frontend completed"],
            new ThreadSearch(second.Database).Family(id, 100).Select(row => $"{row.Agent} {row.Status}").Order(StringComparer.Ordinal));
        Assert.Equal(["store pages call_2", "store tables call_2"], shop.Outside.Done.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["announce", "build", "warm-up"], shop.Done.Select(done => done.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));
        // The one step that may not happen twice did not.
        Assert.Single(shop.Done, done => done.StartsWith("announce", StringComparison.Ordinal));
        Assert.Equal(0, await second.Runner.Recover());
    }

    // What a patient person does: says yes, answers, waits, and tells of a doubt that it happened.
    private static async Task Drive(AgentBench bench, ThreadId id)
    {
        var rounds = 0;
        do
        {
            // A broken disk leaves the thread alone, or the same to be recovered again and again.
            Assert.True(rounds++ < 40, string.Join("\n", Told.Of(bench.Store.Read(id))));
            await bench.SettleTree(id);
            while (await bench.Runner.Recover() > 0)
            {
                Assert.True(rounds++ < 40, string.Join("\n", Told.Of(bench.Store.Read(id))));
                await bench.SettleTree(id);
            }

            foreach (var (thread, open) in bench.Host.Chain(id, AgentBench.Me.By).SelectMany(log => log.Thread.OpenRequests.Select(open => (log.Thread.Id, open))).ToList())
            {
                await (open.Asked.Kind switch
                {
                    RequestKind.Approval => bench.Host.Answer(thread, AgentBench.Me, open.Id, true, null, null),
                    RequestKind.Question => bench.Host.Answer(thread, AgentBench.Me, open.Id, null, JsonText.Of("loudly"), null),
                    RequestKind.InDoubt => bench.Host.Answer(thread, AgentBench.Me, open.Id, null, JsonText.Parse("""{"outcome":"done","result":"announce done"}"""), null),
                    RequestKind.Sleep => Wake(bench),
                    _ => Task.CompletedTask,
                });
                await bench.SettleTree(id);
            }
        }
        while (!bench.Store.Read(id).Thread.IsFinal);
    }

    private static Task<int> Wake(AgentBench bench)
    {
        bench.Clock.Advance(TimeSpan.FromSeconds(30));
        return bench.Runner.Recover();
    }

    // Whoever is cut off may notice, and then dies all the same.
    private static async Task Undergo(Func<Task> what) => await Record.ExceptionAsync(what);
}
