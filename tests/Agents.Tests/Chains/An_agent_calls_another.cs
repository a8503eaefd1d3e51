using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Chains;

public sealed class An_agent_calls_another
{
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F8.1")]
    public async Task Its_thread_is_a_child_and_its_output_the_result()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Pay), Crew.Plays(
            ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("pay", "spade"), TestAgents.Done])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Told.Is(root,
            """started: {"message":"x"}""",
            """chosen: worker {"message":"dig"}""",
            "tool started: call_2, attempt 1",
            "child: Waits for worker.",
            "answered:",
            """tool returned: call_2 {"message":"done"}""",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        var child = bench.Store.Read(((RequestOpened)root.Events[3]).Child!.Value);
        Told.Is(child,
            """started: {"message":"dig"}""",
            """chosen: pay {"item":"spade"}""",
            "tool started: call_2, attempt 1",
            """tool returned: call_2 {"did":"pay spade"}""",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        var (above, id) = (child.Thread.Start, root.Thread.Id);
        Assert.Equal(("mia", "thread", id, new CallId(2), id, 1), (above.Principal, above.Channel, above.Parent!.Value, above.ParentCall!.Value, above.Root!.Value, above.Depth));
        Assert.Equal("<worker>\nmessage: dig\n</worker>\n\n<worker_result>\nmessage: done\n</worker_result>", string.Join("\n\n", Blocks.Of(root.Events).Skip(1).Take(2)));
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.3")]
    public async Task Nobody_runs_or_holds_anything_while_the_child_waits_for_a_person()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Deploy), Crew.Plays(
            ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("deploy", "site"), TestAgents.Done])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Assert.Equal((ThreadStatus.Pending, 0), (root.Thread.Status, bench.Runner.Count));
        Assert.Equal("approval: Run deploy with item site?", Told.Asked(bench.ChildOf(root)));
        Assert.Empty(_outside.Done);
    }

    [Fact]
    public async Task What_is_said_to_the_caller_is_no_word_to_a_child_that_has_just_ended()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Deploy), Crew.Plays(
            ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("deploy", "site"), TestAgents.Done])));
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var child = bench.ChildOf(root);
        RefusedException? refused = null;
        bench.Store.Appended += (id, _) =>
        {
            // The child has ended, and its caller is not told of it yet.
            if (refused is null && id == child.Thread.Id && bench.Store.Read(id).Thread.Status == ThreadStatus.Completed)
            {
                refused = Assert.Throws<RefusedException>(() => bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, null, JsonText.Of("more"), null).GetAwaiter().GetResult());
            }
        };

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, true, null, null);
        root = await bench.SettleTree(root.Thread.Id);

        Assert.Equal("The thread waits for others that are running and ask nothing. Call wait_thread to wait for what comes next.", refused?.Message);
        Assert.Equal(ThreadStatus.Completed, root.Thread.Status);
        Assert.DoesNotContain(bench.Store.Read(child.Thread.Id).Events, happened => happened is MessageReceived);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task A_child_that_fails_is_an_error_the_caller_goes_on_with()
    {
        var model = new LogModel(log => log.Thread.Start.Agent == "worker" ? throw new ModelException("The key was refused.", mayPass: false)
            : log.Thread.ErrorsInRow.Count == 0 ? Crew.CallWorker : TestAgents.Done);
        await using var bench = new AgentBench(Crew.BossAndWorker(), model);

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Told.Ends(root, "child: Waits for worker.", "answered:", "tool failed: call_2 The key was refused.", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
    }

    [Fact]
    [Trait("Accepts", "F9.3")]
    public async Task Three_children_that_fail_bring_a_person_and_no_fourth()
    {
        var model = new LogModel(log => log.Thread.Start.Agent == "worker" ? throw new ModelException("The key was refused.", mayPass: false) : Crew.CallWorker);
        await using var bench = new AgentBench(Crew.BossAndWorker(), model);

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Assert.Equal("question: boss failed 3 times in a row. What should it do?", Told.Of(root)[^1]);
        Assert.Equal(3, root.Events.OfType<ToolFailed>().Count());
    }

    [Fact]
    [Trait("Accepts", "F4.3")]
    public async Task The_call_itself_can_have_a_gate_and_changed_arguments_are_what_the_child_gets()
    {
        var agents = Crew.BossAndWorker();
        var gated = agents[0] with { Intents = [.. agents[0].Intents.Select(intent => intent is Tools.Tool tool ? tool.Gated() with { MayChange = true } : intent)] };
        await using var bench = new AgentBench([gated, agents[1]], Crew.Plays(("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Done])));
        var root = await bench.Start("x");
        Assert.Equal("approval: Run worker with message dig?", Told.Asked(root));
        Assert.Empty(bench.Index.OpenChildren(root.Thread.Id));

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, true, null, null, AgentBench.Message("plant"));

        root = await bench.SettleTree(root.Thread.Id);
        Assert.Equal(ThreadStatus.Completed, root.Thread.Status);
        Assert.Equal("""started: {"message":"plant"}""", Told.Of(bench.Store.Read(root.Events.OfType<RequestOpened>().Last().Child!.Value))[0]);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task A_caller_of_the_server_cannot_take_the_place_of_a_child()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(), Crew.Plays());

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Start("worker", AgentBench.Message("dig"), AgentBench.Me, $"{ThreadId.New(bench.Clock.GetUtcNow())}/call_2"));

        Assert.Equal("An idempotency_key does not begin with a thread id; such keys belong to the calls of threads.", refused.Message);
    }

    [Fact]
    [Trait("Accepts", "F6.2")]
    public async Task Waiting_for_the_root_is_waiting_for_the_tree()
    {
        var agents = Crew.Three(_outside.Deploy);
        await using var bench = new AgentBench(agents, Crew.Plays(
            ("chief", [Crew.Call("boss"), TestAgents.Done]), ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("deploy", "site"), TestAgents.Done])));
        var id = await bench.Host.Start("chief", AgentBench.Message("x"), AgentBench.Me);

        await bench.Host.Wait(id, "mia", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var chain = bench.Host.Chain(id, "mia");
        Assert.Equal(["chief", "boss", "worker"], chain.Select(log => log.Thread.Start.Agent));
        Assert.Equal(chain.Select(log => log.Thread.Id), chain[2].Thread.Path);
        Assert.Equal("approval: Run deploy with item site?", Told.Asked(chain[2]));

        await bench.Host.Answer(id, AgentBench.Me, null, true, null, null);
        var done = await bench.Host.Wait(id, "mia", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(ThreadStatus.Completed, done.Thread.Status);
        Assert.Equal(["deploy site call_2"], _outside.Done);
    }
}
