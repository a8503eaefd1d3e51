using System.Text.Json;

namespace AgentMcp.Agents;

/// <summary>Limits in a stored definition that not every agent has. Each is written only where it is set.</summary>
internal static class LimitMembers
{
    public static void Write(Utf8JsonWriter writer, Limits limits)
    {
        if (limits.Cost is { } cost)
        {
            writer.WriteNumber("cost", cost);
        }

        if (limits.Time is { } time)
        {
            writer.WriteNumber("seconds", time.TotalSeconds);
        }

        if (limits.Reply is { } reply)
        {
            writer.WriteNumber("reply", reply);
        }
    }

    public static Limits And(this Limits limits, JsonElement was) => limits with
    {
        Cost = was.TryGetProperty("cost", out var cost) ? cost.GetDecimal() : null,
        Time = was.TryGetProperty("seconds", out var seconds) ? TimeSpan.FromSeconds(seconds.GetDouble()) : null,
        Reply = was.TryGetProperty("reply", out var reply) ? reply.GetInt32() : null,
    };
}
