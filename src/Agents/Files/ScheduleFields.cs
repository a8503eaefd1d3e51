using System.Text.Json;
using AgentMcp.State.Json;
using Cronos;

namespace AgentMcp.Agents.Files;

/// <summary>The field <c>schedule</c>: a cron expression, or one with its time zone and the input.</summary>
internal static class ScheduleFields
{
    public const string Schema = """
        {"anyOf":[{"type":"string","minLength":9},{"type":"object","required":["cron"],"additionalProperties":false,"properties":{
          "cron":{"type":"string","minLength":9},"timezone":{"type":"string"},"input":{"type":"object"}}}]}
        """;

    private const string Name = "schedule";
    private static readonly string[] Known = ["cron", "timezone", "input"];

    public static Microagent Read(Microagent agent, Given given)
    {
        var matter = given.Matter;
        var json = matter.Json(Name)!.Value.Element();
        var schedule = json.ValueKind switch
        {
            JsonValueKind.String => new Schedule(Cron(matter, json), TimeZoneInfo.Local),
            JsonValueKind.Object when json.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !Known.Contains(name)) is { } stray =>
                throw matter.Unknown(Name, stray, $"there is no '{stray}' of a schedule", Known),
            JsonValueKind.Object when json.TryGetProperty("cron", out var cron) => new Schedule(
                Cron(matter, cron), json.TryGetProperty("timezone", out var zone) ? Zone(matter, zone) : TimeZoneInfo.Local,
                json.TryGetProperty("input", out var input) ? JsonText.From(input) : null),
            _ => throw matter.Wrong(Name, "a schedule is a cron expression, such as \"0 7 * * 1-5\", or { cron, timezone, input }"),
        };
        if (JsonSchemas.Violation(agent.Input, schedule.Input ?? Scheduler.Nothing(agent)) is { } violation)
        {
            throw matter.Wrong(Name, $"{(schedule.Input is null ? "the schedule needs an input" : "the input of the schedule does not fit")}: {violation}", "input");
        }

        return agent with { Schedule = schedule };
    }

    private static string Cron(FrontMatter matter, JsonElement value)
    {
        var text = value.ToString();
        try
        {
            return Schedule.Parse(text).GetNextOccurrence(DateTime.UnixEpoch) is not null ? text : throw matter.Wrong(Name, $"'{text}' never comes", "cron");
        }
        catch (CronFormatException e)
        {
            throw matter.Wrong(Name, $"'{text}' is no cron expression (minute, hour, day of month, month, day of week): {e.Message}", "cron");
        }
    }

    private static TimeZoneInfo Zone(FrontMatter matter, JsonElement value) => TimeZoneInfo.TryFindSystemTimeZoneById(value.ToString(), out var zone)
        ? zone : throw matter.Wrong(Name, $"there is no time zone '{value}'; write one such as Europe/Berlin or UTC", "timezone");
}
