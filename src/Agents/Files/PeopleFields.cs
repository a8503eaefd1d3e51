using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Files;

/// <summary>The fields of an agent file that are about people: who may answer, what they may change, how they are told.</summary>
internal static class PeopleFields
{
    public static PeoplePolicy Agent(FrontMatter matter)
    {
        PeoplePolicy people = matter.Text("answerable_by") switch
        {
            null or "caller" => AnswerableBy.Caller,
            "human" => AnswerableBy.Human,
            var other => throw matter.Wrong("answerable_by", $"answerable_by must be caller or human, not '{other}'"),
        };
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
                _ => throw matter.Wrong("people", $"there is no '{name}'; there are responders, channels, remind_after, escalate_to, escalate_after and expires_after"),
            };
        }

        return people;
    }

    /// <summary>What is different for single intents: their channels, and whether an approver may change what is asked.</summary>
    public static List<Intent> Apply(FrontMatter matter, List<Intent> intents)
    {
        var channels = matter.Map("channels");
        var changes = matter.List("changes");
        if (channels.Keys.FirstOrDefault(name => intents.All(intent => intent.Name != name)) is { } unknown)
        {
            throw matter.Wrong("channels", $"'{unknown}' has a channel but is no intent of this agent");
        }

        if (changes.FirstOrDefault(name => !intents.Any(intent => intent is Tool { Route: Route.Approve } && intent.Name == name)) is { } stray)
        {
            throw matter.Wrong("changes", $"'{stray}' is no gated tool of this agent, so there is nothing to change");
        }

        return [.. intents.Select(intent => Changeable(channels.TryGetValue(intent.Name, out var names)
            ? intent with { People = intent.People with { Channels = Names(matter, "channels", intent.Name, names) } }
            : intent))];

        Intent Changeable(Intent intent) => intent is Tool tool && changes.Contains(tool.Name) ? tool with { MayChange = true } : intent;
    }

    private static string[] Names(FrontMatter matter, string field, string name, string text) =>
        text.Trim('[', ']', ' ').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } names
            ? names
            : throw matter.Wrong(field, $"{name} must name at least one");

    private static TimeSpan Time(FrontMatter matter, string field, string text) =>
        Duration.TryParse(text, out var time) ? time : throw matter.Wrong("people", $"{field} must be a time such as {Duration.Example}, not '{text}'");
}
