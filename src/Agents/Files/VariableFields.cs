namespace AgentMcp.Agents.Files;

/// <summary>The field <c>vars</c>, and the variables that every prompt has.</summary>
internal static class VariableFields
{
    public const string Schema = """{"type":"object","additionalProperties":{"type":["string","number","boolean"]}}""";

    private static readonly string[] Always = ["agent", "description", "tools"];

    /// <summary>Only looked at here: they are no part of the agent but of its prompt.</summary>
    public static Microagent Check(Microagent agent, Given given) =>
        given.Matter.Map("vars").Keys.FirstOrDefault(Always.Contains) is { } taken
            ? throw given.Matter.Wrong("vars", $"the variable '{taken}' is there already; choose another name", taken)
            : agent;

    public static IReadOnlyDictionary<string, string> Of(Microagent agent, FrontMatter matter) => new Dictionary<string, string>(matter.Map("vars"))
    {
        ["agent"] = agent.Name,
        ["description"] = agent.Description,
        ["tools"] = string.Join(", ", agent.Intents.Select(intent => intent.Name)),
    };
}
