using AgentMcp.Agents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using ModelContextProtocol;

namespace AgentMcp.Server.Hosting;

/// <summary>What goes to standard error, and in which form. Quiet unless asked: warnings, errors, and what becomes of threads.</summary>
internal static class Logs
{
    private const string Times = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    /// <summary>Lines that may wait to be written; see <see cref="ConsoleLoggerQueueFullMode.DropWrite"/>.</summary>
    private const int MostWaiting = 1000;

    /// <param name="transitions">Off for a command that prints itself what it does.</param>
    public static ILoggerFactory For(Settings settings, ITelemetry? telemetry, bool transitions = true)
    {
        return new LateLogs(() => LoggerFactory.Create(logging => Add(logging, settings, telemetry)), Least, IsClients);

        LogLevel Least(string category) => category switch
        {
            _ when settings.Operation.Log == LogAmount.Verbose => LogLevel.Debug,
            TransitionLog.Category when transitions && settings.Operation.Log == LogAmount.Quiet => LogLevel.Information,
            // At any level it makes an activity and a scope for every request, which only telemetry has a use for.
            "Microsoft.AspNetCore.Hosting.Diagnostics" when telemetry is null => LogLevel.None,
            // That a server could not start is told in one line by whoever started it.
            "Microsoft.Extensions.Hosting.Internal.Host" => LogLevel.Critical,
            // The SDK warns, with a stack, of every refusal and every call a client took back.
            _ when IsSdk(category) => LogLevel.Error,
            _ => LogLevel.Warning,
        };

        // What a client did wrong it was told itself. The SDK takes a refusal by a tool for a fault, with a stack: whoever may call could fill a disk.
        bool IsClients(string category, Exception e) => e is McpProtocolException { ErrorCode: not McpErrorCode.InternalError } && IsSdk(category) && settings.Operation.Log != LogAmount.Verbose;

        static bool IsSdk(string category) => category.StartsWith("ModelContextProtocol", StringComparison.Ordinal);
    }

    private static void Add(ILoggingBuilder logging, Settings settings, ITelemetry? telemetry)
    {
        logging.SetMinimumLevel(LogLevel.Debug);
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

        // A host that never reads what is written here must not hold up threads: what it has no room for is dropped and counted.
        logging.Services.Configure<ConsoleLoggerOptions>(console =>
            (console.LogToStandardErrorThreshold, console.QueueFullMode, console.MaxQueueLength) = (LogLevel.Trace, ConsoleLoggerQueueFullMode.DropWrite, MostWaiting));
    }
}
