using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>Keeps the errors a runner tells whoever looks after the process.</summary>
internal sealed class ErrorLog : ILogger<ThreadRunner>
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _lines.Enqueue(formatter(state, exception));
        }
    }
}
