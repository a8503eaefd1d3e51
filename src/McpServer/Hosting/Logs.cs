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
    public static ILoggerFactory For(Settings settings, ITelemetry? telemetry, bool transitions = true)
    {
        return settings.Operation.LogsAll ? Make(LogLevel.Debug) : new LateLogs(() => Make(LogLevel.Information), Least);

        ILoggerFactory Make(LogLevel least) => LoggerFactory.Create(logging => Add(logging.SetMinimumLevel(least), settings, telemetry));

        LogLevel Least(string category) => category switch
        {
            TransitionLog.Category when transitions => LogLevel.Information,
            // That a server could not start is told in one line by whoever started it.
            "Microsoft.Extensions.Hosting.Internal.Host" => LogLevel.Critical,
            // The SDK warns, with a stack, of every refusal and every call a client took back.
            _ when category.StartsWith("ModelContextProtocol", StringComparison.Ordinal) => LogLevel.Error,
            _ => LogLevel.Warning,
        };
    }

    private static void Add(ILoggingBuilder logging, Settings settings, ITelemetry? telemetry)
    {
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
