using System.Text.Json.Nodes;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;

namespace AgentMcp.Orders;

internal sealed record Spoken(string Message)
{
    public static JsonText Json(string message) => JsonText.Parse(new JsonObject { ["message"] = message }.ToJsonString());
}

internal sealed record Ordered(string Item);

internal static class Shirts
{
    /// <summary>Words for one who asks end no wait beside it; words alone do.</summary>
    public static async Task<string> Later(Run run)
    {
        await run.Sleep(TimeSpan.FromDays(1));
        return "later";
    }
}
