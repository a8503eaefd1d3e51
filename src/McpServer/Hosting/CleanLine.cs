using System.Collections;
using AgentMcp.Agents.Tools;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Hosting;

/// <summary>A line of a log without what looks like a secret and with nothing that a terminal would obey: in its text, its fields and its exception, wherever it goes.</summary>
internal static class CleanLine
{
    public static void Write<TState>(ILogger to, LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        var trouble = exception?.ToString();
        var (cleanText, cleanTrouble) = (Clean(text), trouble is null ? null : Clean(trouble));
        // As nearly always: then there is nothing to copy.
        if (cleanText == text && cleanTrouble == trouble)
        {
            to.Log(level, id, state, exception, formatter);
        }
        else
        {
            to.Log(level, id, new Fields(cleanText, state as IEnumerable<KeyValuePair<string, object?>> ?? []), cleanTrouble is null ? null : new Told(exception!, cleanTrouble), (fields, _) => fields.ToString());
        }
    }

    private static string Clean(string text) => Visible.OnATerminal(ErrorText.Redacted(text));

    private sealed class Fields(string text, IEnumerable<KeyValuePair<string, object?>> fields) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly List<KeyValuePair<string, object?>> _fields = [.. fields.Select(field => new KeyValuePair<string, object?>(field.Key, Clean(field.Value)))];

        public int Count => _fields.Count;

        public KeyValuePair<string, object?> this[int index] => _fields[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => text;

        private static object? Clean(object? value) => value is null or ValueType ? value : CleanLine.Clean(value.ToString() ?? "");
    }

    /// <summary>An exception as it may be told.</summary>
    private sealed class Told(Exception exception, string text) : Exception(Clean(exception.Message))
    {
        public override string ToString() => text;
    }
}
