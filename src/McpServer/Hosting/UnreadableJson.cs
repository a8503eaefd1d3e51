using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// What the serializer says of JSON it cannot read, in words for whoever sent it. Its own name our types and count
/// bytes, which helps nobody; what they say of the text itself is useful.
/// </summary>
internal static partial class UnreadableJson
{
    /// <param name="what">What was read, such as "The body".</param>
    /// <param name="where">Where it is said what is taken; empty when nowhere.</param>
    public static string Say(JsonException e, string what, string where = "") => e.Message switch
    {
        var text when Unmapped().Match(text) is { Success: true } found => $"{what} has a member that is not taken here: '{found.Groups[1].Value}'.{where}",
        var text when Twice().Match(text) is { Success: true } found => $"{what} names '{found.Groups[1].Value}' twice.",
        var text when Missing().Match(text) is { Success: true } found => $"{what} lacks {found.Groups[1].Value}{At(e.Path)}.",
        var text when text.Contains("could not be converted", StringComparison.Ordinal) || text.Contains("null", StringComparison.Ordinal) => $"{what} has a value that is not of its type{At(e.Path)}.",
        // What a converter says, and no reader, is about JSON.
        _ when e.InnerException is null && e.GetType() == typeof(JsonException) => $"{what} cannot be read: {Reason(e)}",
        _ => $"{what} is not JSON: {Reason(e)}",
    };

    /// <summary>Why a text is no JSON, without the place, which is counted in bytes.</summary>
    public static string Reason(JsonException e) => Place().Replace(e.Message, "").Trim();

    private static string At(string? path) => path is null or "" or "$" ? "" : $" at {path}";

    [GeneratedRegex("^The JSON property '(.*)' could not be mapped", RegexOptions.Singleline)]
    private static partial Regex Unmapped();

    [GeneratedRegex("^Duplicate property '(.*)' encountered", RegexOptions.Singleline)]
    private static partial Regex Twice();

    [GeneratedRegex("missing required properties including: (.*)\\.$")]
    private static partial Regex Missing();

    [GeneratedRegex("(Path: .*)? ?(\\| )?LineNumber: .*$", RegexOptions.Singleline)]
    private static partial Regex Place();
}
