using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Chains;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

public sealed class A_workflow_runs_to_its_end
{
    public sealed record Order(string Item);

    public sealed record Receipt(string Item, int Price, string Note);

    [Fact]
    [Trait("Accepts", "F8.1")]
    public async Task Steps_children_questions_approvals_and_sleep_are_one_log()
    {
        var outside = new List<string>();
        var shop = Workflow.Of<Order, Receipt>("shop", "Buys one thing.", "1", async (run, order) =>
        {
            var price = await run.Step("price", Effect.ReadOnly, (_, _) => Task.FromResult(order.Item.Length));
            var advice = await run.Agent("worker", new { message = $"buy {order.Item}?" });
            var note = await run.Ask("Anything to add?");
            var leave = await run.Approve("buy", new { item = order.Item, price }, $"Buy {order.Item} for {price}?");
            if (!leave.Approved)
            {
                return new(order.Item, 0, leave.Comment ?? "no");
            }

            await run.Sleep(TimeSpan.FromSeconds(30));
            await run.Step("buy", Effect.Effectful, (call, _) =>
            {
                outside.Add($"{order.Item} {call.Id}");
                return Task.CompletedTask;
            });
            return new(order.Item, price, $"{note}, {advice.Element().GetProperty("message").GetString()}");
        });
        await using var bench = new AgentBench([shop, Crew.Agent("worker")], Crew.Plays(("worker", [TestAgents.Done])));

        var log = await bench.Start(JsonText.Parse("""{"item":"tea"}"""));
        await bench.SettleTree(log.Thread.Id);
        log = await bench.Answer(await bench.Settle(log.Thread.Id), response: "quickly");
        log = await bench.Answer(log, approved: true);
        bench.Clock.Advance(TimeSpan.FromSeconds(30));
        log = await bench.Recover(log.Thread.Id);

        Told.Is(log,
            """started: {"item":"tea"}""",
            "chosen: price {}", "tool started: call_2, attempt 1", "tool returned: call_2 3",
            """chosen: worker {"message":"buy tea?"}""", "tool started: call_5, attempt 1", "child: Waits for worker.", "parked", "answered:", """tool returned: call_5 {"message":"done"}""",
            """chosen: ask {"question":"Anything to add?"}""", "question: Anything to add?", "parked", "answered: \"quickly\"",
            """chosen: buy {"item":"tea","price":3}""", "approval: Buy tea for 3?", "parked", "answered: yes", "tool started: call_15, attempt 1", """tool returned: call_15 {"item":"tea","price":3}""",
            """chosen: sleep {"seconds":30}""", "sleep: Sleeps until 2026-03-01T09:00:30Z.", "parked", "sleep ended",
            "chosen: buy {}", "tool started: call_25, attempt 1", "tool returned: call_25 null",
            """completed: {"item":"tea","price":3,"note":"quickly, done"}""");
        Assert.Equal(["tea call_25"], outside);
    }
}
