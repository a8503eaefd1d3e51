using System.Globalization;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Rest;

/// <summary>Parameters of a path or query, read by name, with a sentence where one cannot be used.</summary>
internal static class Query
{
    public static ThreadId Thread(string text) => ThreadId.TryParse(text, out var id) ? id : throw new RefusedException(RefusalCode.ThreadNotFound,
        $"'{text}' is not a thread id. One looks like thr_0198c0a1... and is in the answer to the call that started it; GET {RestApi.Root}/threads shows them all.");

    public static T? Named<T>(string name, string? text)
        where T : struct, Enum => text is null ? null
        : Enum.GetValues<T>().Cast<T?>().FirstOrDefault(value => WireName.Of(value!.Value) == text) ?? throw Bad(name, text, $"one of {string.Join(", ", Enum.GetValues<T>().Select(WireName.Of))}");

    public static DateTimeOffset? Moment(string name, string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment
        : throw Bad(name, text, "a time such as 2026-05-04T10:00:00Z");

    public static int Number(string name, string? text, int least, int most, int otherwise) => text is null ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw Bad(name, text, $"a number from {least} to {most}");

    public static bool Flag(string name, string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Bad(name, text, "true or false"),
    };

    public static RefusedException Bad(string name, string text, string expected) =>
        new(RefusalCode.InvalidInput, $"{name} must be {expected}, not '{text}'.");
}
