using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Logs that are made with the first line that is written: a server that only starts writes none, and making them takes a
/// fifth of its start. Thread-safe.
/// </summary>
/// <param name="least">The least level that is written of a category.</param>
/// <param name="isNone">Whether what is logged of an exception in a category is no line at all.</param>
internal sealed class LateLogs(Func<ILoggerFactory> make, Func<string, LogLevel> least, Func<string, Exception, bool>? isNone = null) : ILoggerFactory
{
    private readonly Lazy<ILoggerFactory> _logs = new(make);

    public ILogger CreateLogger(string categoryName) => new Logger(_logs, categoryName, least(categoryName), isNone);

    public void AddProvider(ILoggerProvider provider) => _logs.Value.AddProvider(provider);

    public void Dispose()
    {
        if (_logs.IsValueCreated)
        {
            _logs.Value.Dispose();
        }
    }

    private sealed class Logger(Lazy<ILoggerFactory> logs, string category, LogLevel least, Func<string, Exception, bool>? isNone) : ILogger
    {
        private readonly Lazy<ILogger> _logger = new(() => logs.Value.CreateLogger(category));

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logs.IsValueCreated ? _logger.Value.BeginScope(state) : null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && (exception is null || isNone?.Invoke(category, exception) != true))
            {
                CleanLine.Write(_logger.Value, logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
