namespace AgentMcp.Agents.Files;

/// <summary>The field <c>limits</c>.</summary>
internal static class LimitFields
{
    public const string Schema = """
        {"type":"object","additionalProperties":false,"properties":{
          "steps":{"type":"integer","minimum":1},"errors_in_row":{"type":"integer","minimum":1},"tokens":{"type":"integer","minimum":1},
          "tool_output":{"type":"integer","minimum":1},"depth":{"type":"integer","minimum":1}}}
        """;

    private static readonly string[] Known = ["steps", "errors_in_row", "tokens", "tool_output", "depth"];

    public static Limits Of(FrontMatter matter)
    {
        var limits = new Limits();
        foreach (var (name, text) in matter.Map("limits"))
        {
            if (!Known.Contains(name))
            {
                throw matter.Unknown("limits", name, $"there is no limit '{name}'", Known);
            }

            if (!int.TryParse(text, out var value) || value < 1)
            {
                throw matter.Wrong("limits", $"{name} must be a whole number of at least 1, not '{text}'", name);
            }

            limits = name switch
            {
                "steps" => limits with { Steps = value },
                "errors_in_row" => limits with { ErrorsInRow = value },
                "tokens" => limits with { Tokens = value },
                "tool_output" => limits with { ToolOutput = value },
                _ => limits with { Depth = value },
            };
        }

        return limits;
    }
}
