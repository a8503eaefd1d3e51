using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Hosting;

/// <summary>What is on while telemetry is. Disposing sends what is left, for a moment and no longer.</summary>
internal interface ITelemetry : IDisposable
{
    ILoggerProvider Logs { get; }
}

/// <summary>
/// Traces, metrics and logs for a collector that speaks OTLP, where one is named. Where none is, nothing of
/// OpenTelemetry is even loaded: this class is the door before it, which is why there are two.
/// </summary>
internal static class Telemetry
{
    private static readonly string[] Variables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"];

    public static ITelemetry? For(Settings settings) =>
        IsOff() || (settings.Operation.Collector is null && !Variables.Any(IsSet)) ? null : Start(settings);

    // Compiled only when it is called: what it names is loaded then.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OpenTelemetryExport Start(Settings settings) => new(settings.Operation, settings.Secrets);

    private static bool IsOff() => string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    private static bool IsSet(string variable) => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(variable));
}
