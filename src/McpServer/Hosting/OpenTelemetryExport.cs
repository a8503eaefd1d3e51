using System.Diagnostics;
using AgentMcp.Agents;
using AgentMcp.Agents.Telemetry;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// OpenTelemetry, set up as its <c>OTEL_*</c> variables say. Everything is sent from a queue of its own: where the
/// collector is slow or gone, what does not fit is dropped and no call waits.
/// </summary>
internal sealed class OpenTelemetryExport : ITelemetry
{
    /// <summary>How long the end of the process waits for what is not sent yet.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1.5);

    private const string Sdk = "Experimental.ModelContextProtocol";

    // What callers name as they like (tools, prompts, resources, each thread one) would be as many series, until none has room.
    private static readonly string[] OfTheSdk = ["mcp.method.name", "mcp.protocol.version", "network.transport", "network.protocol.name", "rpc.response.status_code", "error.type"];

    private readonly OpenTelemetrySdk _sdk;

    public OpenTelemetryExport(OperationSettings settings, KnownSecrets secrets)
    {
        Tracing.HoldsContent = settings.RecordsContent;
        _sdk = OpenTelemetrySdk.Create(telemetry =>
        {
            telemetry.ConfigureResource(resource => resource.AddService("agentmcp", serviceVersion: Version.Current)
                    .AddAttributes([new("process.pid", (long)Environment.ProcessId)]).AddEnvironmentVariableDetector())
                .WithTracing(traces => traces.AddSource(Tracing.Name, Sdk).AddProcessor(new CleanSpans(secrets, settings.RecordsContent))
                    .AddAspNetCoreInstrumentation(requests =>
                    {
                        requests.Filter = context => context.Request.Path.Value is not ("/healthz" or "/readyz");
                        // Paths of links sign people in; the route says which page it was.
                        requests.EnrichWithHttpResponse = (span, _) => span.SetTag("url.path", null).SetTag("url.query", null);
                    })
                    .AddHttpClientInstrumentation(requests => requests.EnrichWithHttpRequestMessage = WithoutPath))
                .WithMetrics(metrics => metrics.AddMeter(StepMetrics.MeterName, Tracing.Name, Sdk, "System.Runtime").AddView(instrument => instrument.Meter.Name == Sdk ? new MetricStreamConfiguration { TagKeys = OfTheSdk } : null)
                    .AddAspNetCoreInstrumentation().AddHttpClientInstrumentation())
                .WithLogging(configureBuilder: null, configureOptions: logs => logs.IncludeFormattedMessage = true);
            if (settings.Collector is { } collector)
            {
                telemetry.UseOtlpExporter(Protocol(collector), collector);
            }
            else
            {
                telemetry.UseOtlpExporter();
            }
        });
        Logs = new Forwarding(_sdk.GetLoggerFactory());
    }

    public ILoggerProvider Logs { get; }

    public void Dispose()
    {
        var most = (int)LastWords.TotalMilliseconds;
        // All at once, so that together they take no longer than one of them may.
        Task.WaitAll(
            Task.Run(() => _sdk.TracerProvider.Shutdown(most)), Task.Run(() => _sdk.MeterProvider.Shutdown(most)), Task.Run(() => _sdk.LoggerProvider.Shutdown(most)));
        _sdk.Dispose();
    }

    // Of an address that messages go to the path may be the secret.
    private static void WithoutPath(Activity span, HttpRequestMessage request) =>
        span.SetTag("url.full", request.RequestUri is { IsAbsoluteUri: true } url ? url.GetLeftPart(UriPartial.Authority) : null);

    private static OtlpExportProtocol Protocol(Uri collector) => Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL") switch
    {
        "grpc" => OtlpExportProtocol.Grpc,
        null or "" when collector.Port == 4317 => OtlpExportProtocol.Grpc,
        _ => OtlpExportProtocol.HttpProtobuf,
    };

    private sealed class Forwarding(ILoggerFactory logs) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logs.CreateLogger(categoryName);

        public void Dispose()
        {
            // It goes with the rest.
        }
    }
}
