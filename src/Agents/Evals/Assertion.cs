using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>One thing that is expected of a step: <c>intent is multiply</c>, <c>arguments.a at_least 3</c>, or a question to a judge.</summary>
/// <param name="Target"><c>intent</c>, a path such as <c>arguments.new_commit.sha</c>, or <c>judge</c>.</param>
public sealed record Assertion(string Target, string Matcher, JsonText Expected)
{
    public const string Judge = "judge";

    /// <summary>The matchers, and the JSON each is given.</summary>
    public static readonly IReadOnlyDictionary<string, string> Matchers = new Dictionary<string, string>
    {
        ["is"] = "a value",
        ["one_of"] = "a list of values",
        ["contains"] = "a text",
        ["matches"] = "a regular expression",
        ["at_least"] = "a number",
        ["at_most"] = "a number",
    };

    /// <summary>Whether only a model can tell.</summary>
    public bool IsForJudge => Target == Judge;

    public override string ToString() => IsForJudge ? $"judge: {Expected.AsString()}" : $"{Target} {Matcher} {Expected}";

    /// <summary>What is wrong with the assertion itself, or null.</summary>
    public string? Problem()
    {
        if (IsForJudge)
        {
            return Expected.AsString() is { Length: > 0 } ? null : "judge takes a question that can be answered with yes or no";
        }

        if (Target != "intent" && !Target.StartsWith("arguments.", StringComparison.Ordinal))
        {
            return $"'{Target}' is nothing of a step; there are intent, arguments.NAME (and arguments.NAME.NAME) and judge";
        }

        if (!Matchers.TryGetValue(Matcher, out var wanted))
        {
            return $"there is no matcher '{Matcher}'; there are {string.Join(", ", Matchers.Keys)}";
        }

        return (Matcher, Expected.Element().ValueKind) switch
        {
            ("is", _) or ("one_of", JsonValueKind.Array) or ("contains", JsonValueKind.String) or ("at_least" or "at_most", JsonValueKind.Number) => null,
            ("matches", JsonValueKind.String) when Pattern() is not null => null,
            _ => $"{Matcher} takes {wanted}, not {Expected}",
        };
    }

    /// <summary>How a step misses this, or null when it holds. Not for what a judge is asked.</summary>
    public string? Miss(ChooseStep step)
    {
        if (Find(step) is not { } found)
        {
            return $"{this}, but {step.Intent} has no such argument";
        }

        return Holds(found) ? null : $"{this}, but it is {JsonText.From(found)}";
    }

    private JsonElement? Find(ChooseStep step)
    {
        if (Target == "intent")
        {
            return JsonText.Of(step.Intent).Element();
        }

        JsonElement? at = step.Arguments.Element();
        foreach (var name in Target.Split('.').Skip(1))
        {
            at = at is { ValueKind: JsonValueKind.Object } whole && whole.TryGetProperty(name, out var member) ? member : null;
        }

        return at;
    }

    private bool Holds(JsonElement found)
    {
        var expected = Expected.Element();
        return Matcher switch
        {
            "is" => JsonElement.DeepEquals(found, expected),
            "one_of" => expected.EnumerateArray().Any(one => JsonElement.DeepEquals(found, one)),
            "contains" => Text(found).Contains(expected.GetString()!, StringComparison.Ordinal),
            "matches" => Pattern()!.IsMatch(Text(found)),
            "at_least" => found.ValueKind == JsonValueKind.Number && found.GetDouble() >= expected.GetDouble(),
            "at_most" => found.ValueKind == JsonValueKind.Number && found.GetDouble() <= expected.GetDouble(),
            _ => throw new InvalidOperationException(Matcher),
        };
    }

    private static string Text(JsonElement found) => found.ValueKind == JsonValueKind.String ? found.GetString()! : found.GetRawText();

    private Regex? Pattern()
    {
        try
        {
            return new Regex(Expected.AsString()!, RegexOptions.None, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException)
        {
            // Told as a problem of the case.
            return null;
        }
    }
}
