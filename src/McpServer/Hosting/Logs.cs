using AgentMcp.Agents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace AgentMcp.Server.Hosting;

/// <summary>What goes to standard error, and in which form. Quiet unless asked: warnings, errors, and what becomes of threads.</summary>
internal static class Logs
{
    private const string Times = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    /// <param name="transitions">Off for a command that prints itself what it does.</param>
    public static void Add(ILoggingBuilder logging, Settings settings, ITelemetry? telemetry, bool transitions = true)
    {
        var all = settings.Operation.LogsAll;
        logging.ClearProviders().SetMinimumLevel(all ? LogLevel.Debug : LogLevel.Warning)
            // The SDK warns, with a stack, of every refusal and every call a client took back.
            .AddFilter("ModelContextProtocol", all ? LogLevel.Debug : LogLevel.Error);
        if (!all)
        {
            logging.AddFilter(TransitionLog.Category, transitions ? LogLevel.Information : LogLevel.Warning)
                // That a server could not start is told in one line by whoever started it.
                .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        }

        if (settings.Operation.LogsJson)
        {
            logging.AddJsonConsole(console => (console.TimestampFormat, console.UseUtcTimestamp, console.IncludeScopes) = (Times.Trim(), true, telemetry is not null));
        }
        else
        {
            logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp, console.ColorBehavior, console.IncludeScopes)
                = (true, Times, true, LoggerColorBehavior.Disabled, telemetry is not null));
        }

        if (telemetry is not null)
        {
            // A line so says which trace it belongs to, here and where telemetry goes.
            logging.Configure(factory => factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
            logging.AddProvider(telemetry.Logs);
        }

        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
