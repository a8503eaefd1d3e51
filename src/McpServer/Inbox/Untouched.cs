using System.Globalization;
using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// Whether a posted field is as it was shown. A browser does not send back what it was given: it joins or changes the ends
/// of lines, writes times its own way and leaves out what has no place in a control. Pure.
/// </summary>
internal static class Untouched
{
    /// <param name="shown">What was put into the field.</param>
    /// <param name="posted">What came back of it.</param>
    public static bool Is(FormField field, IReadOnlyList<string> shown, IReadOnlyList<string> posted) => field.Type switch
    {
        FieldType.Several => shown.Where(field.Offers).ToHashSet(StringComparer.Ordinal).SetEquals(posted),
        FieldType.Choice or FieldType.YesNo => shown.Where(field.Offers).SequenceEqual(posted.Where(one => one.Length > 0), StringComparer.Ordinal),
        _ => posted is [var back] && shown is [var value] && Sent(field.Type, Visible.Of(value)) == Sent(field.Type, back),
    };

    private static string Sent(FieldType type, string value) => type switch
    {
        FieldType.Text or FieldType.Json => value.ReplaceLineEndings("\n") is var text && text.StartsWith('\n') ? text[1..] : text,
        FieldType.Moment => Parsed(value.TrimEnd('Z'), "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm"),
        FieldType.Date => Parsed(value, "yyyy-MM-dd"),
        _ => value.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal),
    };

    private static string Parsed(string value, params string[] forms) =>
        DateTime.TryParseExact(value, forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment.ToString("O", CultureInfo.InvariantCulture) : "";
}
