namespace AgentMcp.Server.Hosting;

/// <summary>The settings about logs, telemetry and stopping.</summary>
internal sealed partial class Settings
{
    private static IEnumerable<(string Name, string? Default, string Meaning)> OperationRows =>
    [
        ("log", "quiet", "What is logged: quiet (warnings, errors and a line per transition of a thread), errors (without those lines) or verbose."),
        ("log_format", "text", "How: text, or json for an object per line."),
        ("otlp", null, "Where traces, metrics and logs are sent: an OTLP endpoint such as http://localhost:4318. By default OTEL_EXPORTER_OTLP_ENDPOINT; without either, nowhere."),
        ("telemetry_content", "off", "Whether they hold prompts, replies, arguments and results too: on or off."),
        ("drain", "0", "Seconds after SIGTERM in which agentmcp http goes on as before while /readyz says that it stops."),
    ];

    /// <summary>How the server is watched and stopped.</summary>
    public OperationSettings Operation { get; }

    private OperationSettings ReadOperation() => new(
        Choice("log", ("quiet", LogAmount.Quiet), ("errors", LogAmount.Errors), ("verbose", LogAmount.Verbose)), Choice("log_format", ("text", false), ("json", true)), TimeSpan.FromSeconds(Number("drain", 0, 3600)),
        Address("otlp"), Choice("telemetry_content", ("off", false), ("on", true)));
}

/// <param name="Drain">How long the server goes on after it was told to stop, so that whoever balances load can notice.</param>
/// <param name="Collector">Where telemetry is sent, when not where OTEL_EXPORTER_OTLP_ENDPOINT says.</param>
/// <param name="RecordsContent">Whether telemetry holds prompts, replies, arguments and results.</param>
internal sealed record OperationSettings(LogAmount Log, bool LogsJson, TimeSpan Drain, Uri? Collector, bool RecordsContent);

internal enum LogAmount
{
    Quiet,
    Errors,
    Verbose,
}
