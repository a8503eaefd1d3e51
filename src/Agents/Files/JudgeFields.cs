using AgentMcp.Agents.Context;

namespace AgentMcp.Agents.Files;

/// <summary>The field <c>judge</c>. Its prompt is a file beside the agent, with the variables and includes of any prompt.</summary>
internal static class JudgeFields
{
    public const string Schema = """
        {"type":"object","additionalProperties":false,"properties":{
          "prompt":{"type":"string","minLength":1},"model":{"type":"string","minLength":1},
          "applies_to":{"type":["string","array"]},"timeout":{"type":"string","pattern":"^[0-9.]+[smhd]$"}}}
        """;

    private static readonly string[] Known = ["prompt", "model", "applies_to", "timeout"];

    public static Microagent Read(Microagent agent, Given given)
    {
        var matter = given.Matter;
        var fields = matter.Map("judge");
        if (fields.Keys.FirstOrDefault(name => !Known.Contains(name)) is { } stray)
        {
            throw matter.Unknown("judge", stray, $"there is no '{stray}'", Known);
        }

        var names = fields.TryGetValue("applies_to", out var listed) ? PeopleFields.Names(matter, "judge", "applies_to", listed) : null;
        if (names?.FirstOrDefault(name => agent.Find(name) is null) is { } unknown)
        {
            throw matter.Unknown("judge", unknown, $"'{unknown}' is judged but is no intent of this agent", [.. agent.Intents.Select(intent => intent.Name)]);
        }

        var judge = new Judge(Prompt(agent, given, fields.GetValueOrDefault("prompt")), fields.GetValueOrDefault("model"), names);
        return agent with
        {
            Context = agent.Context with
            {
                Judge = fields.TryGetValue("timeout", out var time) ? judge with { Timeout = ContextFields.Time(matter, "judge", "timeout", time) } : judge,
            },
        };
    }

    private static string Prompt(Microagent agent, Given given, string? file)
    {
        var matter = given.Matter;
        var variables = VariableFields.Of(agent, matter);
        var standard = Path.Combine(AppContext.BaseDirectory, "Context", "judge.md");
        return file is null
            ? new PromptText(Path.GetDirectoryName(standard)!, variables, _ => { }).Fill(standard, File.ReadAllText(standard).ReplaceLineEndings("\n").TrimEnd('\n'), 1)
            : new PromptText(AgentFile.FolderOf(matter.Path), variables, given.Looked ?? (_ => { })).Fill(matter.Path, $"{{{{> {file}}}}}", matter.LineOf("judge", "prompt"));
    }
}
