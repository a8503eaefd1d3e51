using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Hosting;

/// <summary>The settings that bound what anybody can take; docs/limits.md has all limits with their answers.</summary>
internal sealed partial class Settings
{
    private static IEnumerable<(string Name, string? Default, string Meaning)> LimitRows =>
    [
        ("max_calls", "600000", "The most HTTP requests of one principal in a minute."),
        ("max_threads", "100000", "The most threads of one principal that run or wait."),
        ("max_runs", "10000", "The most threads that run at once in a process."),
        ("max_subscriptions", "1000", "The most subscriptions of one principal that are open at once."),
        ("max_thread_events", $"{LogBounds.MostEvents}", "The most events of one thread."),
        ("max_thread_bytes", $"{LogBounds.MostBytes}", "The most bytes of the events of one thread."),
    ];

    /// <summary>Bounds beside those of a single call.</summary>
    public ServerLimits Limits { get; }

    private ServerLimits ReadLimits() => new(
        (int)Number("max_calls", 1, 1_000_000_000), (int)Number("max_threads", 1, 100_000_000), (int)Number("max_runs", 1, 1_000_000), (int)Number("max_subscriptions", 1, 1_000_000),
        new((int)Number("max_thread_events", 10, LogBounds.MostEvents), (long)Number("max_thread_bytes", 10_000, 1L << 40)));
}

/// <param name="Calls">HTTP requests of one principal in a minute.</param>
internal sealed record ServerLimits(int Calls, int OpenThreads, int Runs, int Subscriptions, LogBounds Log);
