using System.Globalization;
using AgentMcp.State.Json;
using Cronos;

namespace AgentMcp.Agents;

/// <summary>When an agent starts by itself, and with what. Immutable.</summary>
/// <param name="Text">The cron expression as it was written: five fields, or six that begin with the seconds.</param>
/// <param name="Zone">The time zone the fields are read in. Daylight saving moves nothing and repeats nothing: what falls into the missing hour comes after it.</param>
/// <param name="Input">What the agent is given; null for an agent that is told only that it is due.</param>
public sealed record Schedule(string Text, TimeZoneInfo Zone, JsonText? Input = null)
{
    private readonly CronExpression _cron = Parse(Text);

    /// <summary>The tag under which a thread reads what began it.</summary>
    public const string Tag = "schedule";

    /// <summary>What the due times follow from.</summary>
    public string Expression => $"{Text} {Zone.Id}";

    /// <exception cref="CronFormatException">The text is no cron expression.</exception>
    internal static CronExpression Parse(string text) =>
        CronExpression.Parse(text, text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);

    /// <summary>The first time after this moment; null when there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset moment) => _cron.GetNextOccurrence(moment, Zone);

    /// <summary>A moment as clocks show it there, with the difference to UTC.</summary>
    public string Local(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, Zone).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>What the agent reads: its input or, without one, that and when it was due.</summary>
    public JsonText Shown(DateTimeOffset due) => Input ?? JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("due", Local(due));
        json.WriteString("time_zone", Zone.Id);
        json.WriteEndObject();
    });
}
