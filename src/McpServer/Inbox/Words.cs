using System.Globalization;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Inbox;

/// <summary>Kinds, channels and times in the words of the pages. Pure.</summary>
internal static class Words
{
    public static string Of(RequestKind kind) => kind switch
    {
        RequestKind.Approval => "Approval",
        RequestKind.Question => "Question",
        RequestKind.Budget => "Limit reached",
        RequestKind.InDoubt => "In doubt",
        RequestKind.ExternalResult => "Result awaited",
        RequestKind.NextStep => "Next step",
        RequestKind.Child => "Waits for a child",
        RequestKind.Sleep => "Sleeping",
        _ => throw new InvalidOperationException($"There is no word for {kind}."),
    };

    public static string Of(ThreadStatus status) => WireName.Of(status);

    public static string Of(Effect effect) => effect switch
    {
        Effect.ReadOnly => "changes nothing",
        Effect.Idempotent => "safe to repeat",
        _ => "has an effect",
    };

    /// <summary>The channel as a person would name it.</summary>
    public static string Through(string channel) => channel switch
    {
        "inbox" => "the inbox",
        "cli" => "the terminal",
        "stdio" => "an MCP client (stdio)",
        "http" => "an MCP client (HTTP)",
        "elicitation" => "a form in an MCP client",
        "sampling" => "the model of an MCP client",
        _ => channel.Replace('_', ' '),
    };

    public static string Verdict(RequestAnswered answer) => answer.Approved switch
    {
        true when answer.Arguments is not null => "approved with changes",
        true => "approved",
        false => "rejected",
        null => "answered",
    };

    /// <summary>How long ago, in the one unit that matters.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 60 } => "just now",
        { TotalMinutes: < 60 } => $"{(int)age.TotalMinutes} min",
        { TotalHours: < 24 } => $"{(int)age.TotalHours} h",
        { TotalDays: < 2 } => "1 day",
        _ => $"{(int)age.TotalDays} days",
    };

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        _ => Age(time),
    };

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long count, string one, string many) => count == 1 ? $"1 {one}" : $"{Count(count)} {many}";

    /// <summary>A moment by its age, with the exact time at hand.</summary>
    public static Html Ago(DateTimeOffset at, DateTimeOffset now) =>
        Html.Of($"""<time datetime="{Exact(at)}" title="{Readable(at)}">{(now - at < TimeSpan.FromMinutes(1) ? "just now" : Age(now - at) + " ago")}</time>""");

    public static Html At(DateTimeOffset at) => Html.Of($"""<time datetime="{Exact(at)}" title="{Readable(at)}">{at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}</time>""");

    /// <summary>Day and time, always UTC: the people and the machine may live apart.</summary>
    public static string Readable(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
