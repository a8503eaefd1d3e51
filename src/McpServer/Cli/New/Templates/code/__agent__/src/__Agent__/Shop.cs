using AgentMcp.Agents.Tools;

namespace __Agent__;

/// <summary>What the tools do. Replace it with what yours do.</summary>
public static class Shop
{
    private static readonly Dictionary<string, decimal> Prices = new(StringComparer.OrdinalIgnoreCase) { ["lamp"] = 39.90m, ["chair"] = 89m };

    /// <summary>One line an order. SHOP_ORDERS names another file.</summary>
    public static string OrdersFile => Environment.GetEnvironmentVariable("SHOP_ORDERS") ?? "orders.txt";

    public static decimal PriceOf(string item) => Prices.TryGetValue(item, out var price)
        ? price
        : throw new ToolException($"there is no '{item}'; there are {string.Join(", ", Prices.Keys)}");

    /// <summary>
    /// Idempotent: a crash may have this run again, always under the same key, and an order that is there already is
    /// the one that was meant.
    /// </summary>
    public static string Order(string item, int quantity, ToolCall call)
    {
        var total = PriceOf(item) * quantity;
        if (!File.Exists(OrdersFile) || !File.ReadLines(OrdersFile).Any(line => line.StartsWith(call.IdempotencyKey + " ", StringComparison.Ordinal)))
        {
            File.AppendAllText(OrdersFile, $"{call.IdempotencyKey} {quantity} {item}\n");
        }

        return FormattableString.Invariant($"ordered {quantity} {item} for {total}");
    }
}
