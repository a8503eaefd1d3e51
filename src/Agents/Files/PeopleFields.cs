using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>The fields of an agent file that are about people: who may answer, what they may change, how they are told.</summary>
internal static class PeopleFields
{
    public const string Schema = """
        {"type":"object","additionalProperties":false,"properties":{
          "responders":{"type":["string","array"]},"channels":{"type":["string","array"]},"escalate_to":{"type":"string"},
          "remind_after":{"type":"string","pattern":"^[0-9.]+[smhd]$"},"escalate_after":{"type":"string","pattern":"^[0-9.]+[smhd]$"},
          "expires_after":{"type":"string","pattern":"^[0-9.]+[smhd]$"}}}
        """;

    private static readonly string[] Known = ["responders", "channels", "remind_after", "escalate_to", "escalate_after", "expires_after"];

    public static Microagent AnswerableBy(Microagent agent, Given given) => agent with
    {
        People = agent.People with
        {
            AnswerableBy = given.Matter.Text("answerable_by") switch
            {
                "caller" => State.Threads.AnswerableBy.Caller,
                "human" => State.Threads.AnswerableBy.Human,
                var other => throw given.Matter.Wrong("answerable_by", $"answerable_by must be caller or human, not '{other}'"),
            },
        },
    };

    public static Microagent People(Microagent agent, Given given)
    {
        var (matter, people) = (given.Matter, agent.People);
        foreach (var (name, text) in matter.Map("people"))
        {
            people = name switch
            {
                "responders" => people with { Responders = Names(matter, "people", name, text) },
                "channels" => people with { Channels = Names(matter, "people", name, text) },
                "escalate_to" => people with { EscalateTo = text },
                "remind_after" => people with { RemindAfter = Time(matter, name, text) },
                "escalate_after" => people with { EscalateAfter = Time(matter, name, text) },
                "expires_after" => people with { ExpiresAfter = Time(matter, name, text) },
                _ => throw matter.Unknown("people", name, $"there is no '{name}'", Known),
            };
        }

        return agent with { People = people };
    }

    /// <summary>Channels of single intents.</summary>
    public static Microagent Channels(Microagent agent, Given given)
    {
        var channels = given.Matter.Map("channels");
        if (channels.Keys.FirstOrDefault(name => agent.Find(name) is null && !ServerFields.Covers(agent, name)) is { } unknown)
        {
            throw given.Matter.Unknown("channels", unknown, $"'{unknown}' has a channel but is no intent of this agent", [.. agent.Intents.Select(intent => intent.Name)]);
        }

        if (channels.Keys.FirstOrDefault(name => agent.Find(name) is Sleep || name == StandardIntents.NothingToDo.Name) is { } silent)
        {
            throw given.Matter.Wrong("channels", $"'{silent}' tells nobody, so it has no channel", silent);
        }

        var named = channels.ToDictionary(one => one.Key, one => Names(given.Matter, "channels", one.Key, one.Value));
        agent = agent with
        {
            Intents = [.. agent.Intents.Select(intent => named.TryGetValue(intent.Name, out var names)
                ? intent with { People = intent.People with { Channels = names } }
                : intent)],
        };
        return named.Aggregate(agent, (changed, one) => ServerFields.Change(changed, one.Key, tool => tool with { People = tool.People with { Channels = one.Value } }));
    }

    /// <summary>Tools whose arguments an approver may change.</summary>
    public static Microagent Changes(Microagent agent, Given given)
    {
        var changes = given.Matter.List("changes");
        if (changes.FirstOrDefault(name => agent.FindTool(name) is not { Route: Route.Approve } && !ServerFields.Covers(agent, name)) is { } stray)
        {
            throw given.Matter.Wrong("changes", $"'{stray}' is no gated tool of this agent, so there is nothing to change", stray);
        }

        agent = agent with { Intents = [.. agent.Intents.Select(intent => intent is Tool tool && changes.Contains(tool.Name) ? tool with { MayChange = true } : intent)] };
        return changes.Aggregate(agent, (changed, name) => ServerFields.Change(changed, name, tool => tool with { MayChange = true }));
    }

    public static string[] Names(FrontMatter matter, string field, string name, string text) =>
        text.Trim('[', ']', ' ').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } names
            ? names
            : throw matter.Wrong(field, $"{name} must name at least one", name);

    private static TimeSpan Time(FrontMatter matter, string field, string text) =>
        Duration.TryParse(text, out var time) ? time : throw matter.Wrong("people", $"{field} must be a time such as {Duration.Example}, not '{text}'", field);
}
