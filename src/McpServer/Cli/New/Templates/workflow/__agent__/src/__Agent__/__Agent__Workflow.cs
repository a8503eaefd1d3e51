using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;

namespace __Agent__;

/// <summary>
/// Plain code around the agent. It is run from its start whenever its thread goes on; what was done already is returned
/// from the log and not done again. So nothing but what goes through <c>run</c> may have an effect.
/// </summary>
public static class __Agent__Workflow
{
    public const string Name = "__agent__-list";

    public static Microagent Create() => Workflow.Of<ShoppingList, Receipt>(Name, "Orders what is on a shopping list, one line after the other.", "1", Order);

    private static async Task<Receipt> Order(Run run, ShoppingList list)
    {
        var total = await run.Step("estimate", Effect.ReadOnly, (_, _) => Task.FromResult(list.Lines.Sum(line => Shop.PriceOf(line.Item) * line.Quantity)));
        if (await run.Ask(FormattableString.Invariant($"This comes to {total}. Order it?"), options: [new("yes"), new("no")]) == "no")
        {
            return new([]);
        }

        var said = new List<string>();
        foreach (var line in list.Lines)
        {
            said.Add((await run.Agent<Said>("__agent__", new { message = $"{line.Quantity} {line.Item}, please" })).Message);
        }

        return new(said);
    }
}

public sealed record ShoppingList(IReadOnlyList<Line> Lines);

public sealed record Line(string Item, int Quantity);

public sealed record Said(string Message);

public sealed record Receipt(IReadOnlyList<string> Said);
