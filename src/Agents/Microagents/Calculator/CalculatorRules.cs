using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Microagents.Calculator;

/// <summary>
/// The calculator without a model: plain requests ("multiply 3 and 4, then add 5") and the answers people give
/// ("use 5 instead"). Reads the log from the start each time and keeps nothing.
/// </summary>
public static partial class CalculatorRules
{
    public static string Next(ThreadLog log)
    {
        var work = new Work();
        foreach (var happened in log.Events)
        {
            work.Take(happened);
        }

        return work switch
        {
            { Trouble: { } trouble } => Say("request_more_information", $"{trouble} Which number should I use instead?"),
            { Operations: [var next, ..] } when (next.A ?? work.Result) is { } a && next.B is { } b =>
                new JsonObject { ["intent"] = next.Verb, ["a"] = a, ["b"] = b }.ToJsonString(),
            { Operations: [var next, ..] } => Say("request_more_information", $"I could not read every number for \"{next.Verb}\". Which one should I use?"),
            { Denied: true } => Say("done_for_now", "Nothing was calculated: the operation was denied."),
            { Result: { } result } => Say("done_for_now", $"The result is {result.ToString(CultureInfo.InvariantCulture)}."),
            _ => Say("request_more_information", "Which operation, and which numbers? For example: multiply 3 and 4."),
        };
    }

    private static string Say(string intent, string message) => new JsonObject { ["intent"] = intent, ["message"] = message }.ToJsonString();

    private static List<Operation> Parse(string text)
    {
        var found = new List<Operation>();
        foreach (var part in Clause().Split(PlainWords.Of(text)))
        {
            if (Prefix().Match(part) is { Success: true } spoken)
            {
                var (verb, first, second) = (Verb(spoken.Groups["verb"].Value), Number(spoken.Groups["a"].Value), Number(spoken.Groups["b"].Value));
                var alone = !spoken.Groups["b"].Success;
                found.Add(alone ? new(verb, null, first)
                    : spoken.Groups["link"].Value == "from" ? new(verb, second, first)
                    : new(verb, first, second));
            }
            else if (Infix().Match(part) is { Success: true } written)
            {
                found.Add(new(Verb(written.Groups["verb"].Value), Number(written.Groups["a"].Value), Number(written.Groups["b"].Value)));
            }
        }

        return found;
    }

    private static double? Number(string text) =>
        double.TryParse(text.TrimEnd('.', ',', ';', '?', '!'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static string Verb(string word) => word.ToLowerInvariant() switch
    {
        "add" or "plus" or "+" => "add",
        "subtract" or "minus" or "-" => "subtract",
        "divide" or "divided by" or "over" or "/" => "divide",
        _ => "multiply",
    };

    [GeneratedRegex(@"\s*(?:,\s*|;\s*|\band\s+)?then\b\s*|\s*;\s*", RegexOptions.IgnoreCase)]
    private static partial Regex Clause();

    [GeneratedRegex(@"\b(?<verb>add|subtract|multiply|divide)(?:\s+(?:it|that|the result))?(?:\s+(?:by|with))?\s+(?<a>\S+?)(?:,?\s+(?<link>and|by|to|from|with)\s+(?<b>(?!the\b|it\b|that\b)\S+))?(?=[.,?!]*(?:\s|$))", RegexOptions.IgnoreCase)]
    private static partial Regex Prefix();

    [GeneratedRegex(@"(?<a>\S+)\s*(?<verb>plus|minus|times|divided by|over|\+|\*|/|-)\s*(?<b>[^\s?]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Infix();

    [GeneratedRegex(@"-?\d+(?:\.\d+)?(?![\w.]*[A-Za-z])")]
    private static partial Regex AnyNumber();

    private sealed record Operation(string Verb, double? A, double? B);

    private sealed class Work
    {
        public List<Operation> Operations { get; private set; } = [];

        public double? Result { get; private set; }

        public bool Denied { get; private set; }

        public string? Trouble { get; private set; }

        public void Take(ThreadEvent happened)
        {
            switch (happened)
            {
                case ThreadStarted e:
                    Operations = Parse(Text(e.Input));
                    break;
                case MessageReceived e:
                    (Operations, Denied) = (Parse(Text(e.Message)), false);
                    break;
                case ToolReturned e:
                    Result = e.Result.Element().GetDouble();
                    Operations.RemoveAt(0);
                    break;
                case ToolFailed e:
                    Trouble = char.ToUpperInvariant(e.Error[0]) + e.Error[1..] + ".";
                    break;
                case RequestAnswered { Approved: false } e:
                    Correct(e.Comment ?? "", orDrop: true);
                    break;
                case RequestExpired:
                    Correct("", orDrop: true);
                    break;
                case RequestAnswered { Response: { } response }:
                    Correct(Text(response), orDrop: false);
                    break;
            }
        }

        // "use 5 instead" changes the second number; a whole operation replaces what was left to do.
        private void Correct(string words, bool orDrop)
        {
            Trouble = null;
            if (Parse(words) is { Count: > 0 } operations && operations.All(operation => operation.B is not null))
            {
                Operations = operations;
            }
            else if (AnyNumber().Match(PlainWords.Of(words)) is { Success: true } found && Operations is [var next, ..])
            {
                var number = Number(found.Value);
                Operations[0] = next.A is null && next.B is not null && Result is null ? next with { A = number } : next with { B = number };
            }
            else if (orDrop)
            {
                Operations.Clear();
                Denied = true;
            }
        }

        // Words come as a message, from Slack as text and in a mail as its body.
        private static string Text(JsonText value) => value.AsString()
            ?? (value.Element() is { ValueKind: System.Text.Json.JsonValueKind.Object } o
                && (o.TryGetProperty("message", out var words) || o.TryGetProperty("text", out words) || o.TryGetProperty("body", out words)) ? words.ToString() : value.Text);
    }
}
