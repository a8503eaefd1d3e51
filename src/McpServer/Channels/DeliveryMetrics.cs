using System.Diagnostics.Metrics;
using AgentMcp.Agents.Telemetry;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels;

/// <summary>What became of messages to people.</summary>
internal static class DeliveryMetrics
{
    private static readonly Meter Meter = new(Tracing.Name);
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("agentmcp.deliveries", "{attempt}", "Attempts to tell people, by channel, kind and outcome.");

    public static void Count(Delivery delivery, string outcome) =>
        Attempts.Add(1, new("channel", delivery.Channel), new("kind", WireName.Of(delivery.Kind)), new KeyValuePair<string, object?>("outcome", outcome));
}
