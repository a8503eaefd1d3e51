using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;

namespace AgentMcp.Agents.Tests.Workflows;

public static class Buying
{
    public sealed record Order(string Item);

    public sealed record Receipt(string Item, int Price, string Note);

    public static Microagent Shop(Func<string, string, Task> pay) => Workflow.Of<Order, Receipt>("shop", "Buys one thing.", version: "1", async (run, order) =>
    {
        var price = await run.Step("price", Effect.ReadOnly, (_, _) => Task.FromResult(order.Item.Length));
        var note = await run.Ask("Anything to add?");
        var leave = await run.Approve("buy", new { item = order.Item, price }, $"Buy {order.Item} for {price}?");
        if (!leave.Approved)
        {
            return new(order.Item, 0, leave.Comment ?? "not bought");
        }

        await run.Sleep(TimeSpan.FromMinutes(5));
        await run.Step("buy", Effect.Effectful, (call, _) => pay(order.Item, call.IdempotencyKey));
        return new(order.Item, price, note);
    });
}
