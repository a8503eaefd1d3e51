using System.Diagnostics.Metrics;
using AgentMcp.Agents;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Where all threads of the database stand, counted when somebody collects metrics and never else. Every process on the
/// database tells the same numbers.
/// </summary>
internal sealed class DatabaseMetrics : IDisposable
{
    private readonly Meter _meter = new(StepMetrics.MeterName);

    public DatabaseMetrics(Database database, TimeProvider clock)
    {
        var counts = new ThreadCounts(database);
        _meter.CreateObservableGauge("agentmcp.threads.current", () => counts.ByStatus().Select(of => new Measurement<long>(of.Count, new KeyValuePair<string, object?>("status", of.Status))),
            "{thread}", "Threads in the database, by status.");
        _meter.CreateObservableGauge("agentmcp.requests.open", () => counts.Asking().Select(of => new Measurement<long>(of.Count, Kind(of.Kind))),
            "{request}", "Threads that ask a person something, by kind.");
        _meter.CreateObservableGauge("agentmcp.requests.age", () => counts.Asking().Select(of => new Measurement<double>((clock.GetUtcNow() - of.Oldest).TotalSeconds, Kind(of.Kind))),
            "s", "How long the oldest of them has waited, by kind.");
        _meter.CreateObservableGauge("agentmcp.deliveries.open", () => counts.Owed().Select(of => new Measurement<long>(of.Count, new KeyValuePair<string, object?>("channel", of.Channel))),
            "{message}", "Messages to people that are still to be sent, by channel.");
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Kind(string kind) => new("kind", kind);
}
