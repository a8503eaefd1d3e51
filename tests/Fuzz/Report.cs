using System.Globalization;
using System.Text;

namespace AgentMcp.Fuzz;

/// <summary>What came of the inputs of one target.</summary>
internal sealed class Report(string target, ulong seed)
{
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private (TimeSpan Took, string Input) _slowest;
    private Use? _before;
    private Use _after;
    private int _inputs;

    public List<string> Failures { get; } = [];

    public int Inputs => _inputs;

    public void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;

    public void Took(TimeSpan time, string input)
    {
        _inputs++;
        if (time > _slowest.Took)
        {
            _slowest = (time, input);
        }
    }

    public void End(Use? before, Use after) => (_before, _after) = (before, after);

    /// <summary>Growth counts in the second half.</summary>
    public void Growth(long mostBytes, int mostHandles)
    {
        if (_before is { } before && (_after.Bytes - before.Bytes > mostBytes || _after.Handles - before.Handles > mostHandles))
        {
            Failures.Add($"{target}: it grew from {Megabytes(before.Bytes)} and {before.Handles} handles to {Megabytes(_after.Bytes)} and {_after.Handles} handles");
        }
    }

    /// <summary>What too few inputs have come to is a failure.</summary>
    public void Reached(IEnumerable<(string Outcome, int Percent)> least)
    {
        foreach (var (outcome, percent) in least)
        {
            if (_outcomes.Where(came => came.Key.StartsWith(outcome, StringComparison.Ordinal)).Sum(came => came.Value) is var times && _inputs * percent / 100 is var needed && times < needed)
            {
                Failures.Add($"{target}: '{outcome}' came of {times} inputs, and of {_inputs} at least {needed} must come to that");
            }
        }
    }

    public static string Short(string text, int most)
    {
        var shown = string.Concat(text.Take(most).Select(c => c is < ' ' or > '~' ? $"\\u{(int)c:x4}" : c.ToString()));
        return text.Length > most ? $"{shown}... ({text.Length} characters)" : shown;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{target}: {_inputs} inputs, {Failures.Count} failures, slowest {_slowest.Took.TotalMilliseconds:0} ms, memory {Megabytes(_before?.Bytes ?? 0)} -> {Megabytes(_after.Bytes)}, handles {_before?.Handles} -> {_after.Handles}, seed {seed}");
        text.AppendLine("  " + string.Join(", ", _outcomes.OrderByDescending(outcome => outcome.Value).Select(outcome => $"{outcome.Key} {outcome.Value}")));
        text.AppendLine("  slowest: " + Short(_slowest.Input ?? "", 160));
        Failures.ForEach(failure => text.AppendLine("  FAILED " + failure));
        return text.ToString();
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MB");
}
