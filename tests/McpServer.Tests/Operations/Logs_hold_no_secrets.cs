using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Tests.Operations;

public sealed class Logs_hold_no_secrets
{
    [Fact]
    public void In_text_in_fields_or_in_exceptions()
    {
        var seen = new Sink();
        using var logs = new LateLogs(() => LoggerFactory.Create(logging => logging.AddProvider(seen)), _ => LogLevel.Information);

        logs.CreateLogger("any").LogError(new InvalidOperationException("the server said password=hunter22"), "{Url} was called with {Key}, attempt {Attempt}", "https://me:mine@host/", "sk-0123456789abcdef", 2);
        logs.CreateLogger("any").LogWarning("{Thread} went on", "thr_1");

        Assert.Equal(
            [
                "https://[redacted]@host/ was called with [redacted], attempt 2 | Url=https://[redacted]@host/ Key=[redacted] Attempt=2 {OriginalFormat}={Url} was called with {Key}, attempt {Attempt}"
                    + " | System.InvalidOperationException: the server said password=[redacted]",
                "thr_1 went on | Thread=thr_1 {OriginalFormat}={Thread} went on | ",
            ], seen.Lines);
    }

    [Fact]
    public void Nor_what_a_terminal_would_obey()
    {
        var seen = new Sink();
        using var logs = new LateLogs(() => LoggerFactory.Create(logging => logging.AddProvider(seen)), _ => LogLevel.Information);

        logs.CreateLogger("any").LogError(new InvalidOperationException("\u001b[2J"), "{Server} said no", "a\rb\u202E");

        Assert.Equal(["a\u27E8U+000D\u27E9b\u27E8U+202E\u27E9 said no | Server=a\u27E8U+000D\u27E9b\u27E8U+202E\u27E9 {OriginalFormat}={Server} said no | System.InvalidOperationException: \u27E8U+001B\u27E9[2J"], seen.Lines);
    }

    private sealed class Sink : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{formatter(state, exception)} | {string.Join(' ', ((IReadOnlyList<KeyValuePair<string, object?>>)state!).Select(field => $"{field.Key}={field.Value}"))} | {exception}");

        public void Dispose()
        {
            // It holds nothing but what it was told.
        }
    }
}
