using System.Globalization;

namespace AgentMcp.Agents.Files;

/// <summary>The field <c>limits</c>.</summary>
internal static class LimitFields
{
    public const string Schema = """
        {"type":"object","additionalProperties":false,"properties":{
          "steps":{"type":"integer","minimum":1},"errors_in_row":{"type":"integer","minimum":1},"tokens":{"type":"integer","minimum":1},
          "tool_output":{"type":"integer","minimum":1},"depth":{"type":"integer","minimum":1},
          "cost":{"type":"number","exclusiveMinimum":0,"description":"dollars"},"time":{"type":"string","description":"running time, such as 30m"},
          "reply":{"type":"integer","minimum":1,"description":"tokens of one reply"}}}
        """;

    private static readonly string[] Known = ["steps", "errors_in_row", "tokens", "tool_output", "depth", "cost", "time", "reply"];

    public static Limits Of(FrontMatter matter)
    {
        var limits = new Limits();
        foreach (var (name, text) in matter.Map("limits"))
        {
            limits = name switch
            {
                "steps" => limits with { Steps = Whole(name, text) },
                "errors_in_row" => limits with { ErrorsInRow = Whole(name, text) },
                "tokens" => limits with { Tokens = Whole(name, text) },
                "tool_output" => limits with { ToolOutput = Whole(name, text) },
                "depth" => limits with { Depth = Whole(name, text) },
                "reply" => limits with { Reply = Whole(name, text) },
                "cost" => limits with { Cost = Dollars(text) },
                "time" => limits with { Time = Duration.TryParse(text, out var time) ? time : throw matter.Wrong("limits", $"time must be a time such as {Duration.Example}, not '{text}'", name) },
                _ => throw matter.Unknown("limits", name, $"there is no limit '{name}'", Known),
            };
        }

        return limits;

        int Whole(string name, string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 ? value
            : throw matter.Wrong("limits", $"{name} must be a whole number of at least 1, not '{text}'", name);

        decimal Dollars(string text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars) && dollars is >= 0.000001m and <= 1_000_000m ? dollars
            : throw matter.Wrong("limits", $"cost must be an amount in dollars, such as 0.50, not '{text}'", "cost");
    }
}
