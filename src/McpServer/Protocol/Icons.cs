using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol;

/// <summary>
/// What hosts may show beside a name, as small drawings in the text itself: nothing has to be fetched, and no host has to
/// reach the server for them. Each is part of every list, so they are short. The server itself has none: who it is, is
/// repeated in every result of 2026-07-28.
/// </summary>
internal static class Icons
{
    /// <summary>Forward: a call that starts something.</summary>
    public static IList<Icon> Agent { get; } = Drawn("<path d='M9.5 7.5l6 4.5l-6 4.5z'/>");

    /// <summary>The lines of a log.</summary>
    public static IList<Icon> Thread { get; } = Drawn("<path d='M7 8.5h10M7 12h10M7 15.5h6'/>");

    private static IList<Icon> Drawn(string mark) =>
    [
        new()
        {
            Source = "data:image/svg+xml;base64," + Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><circle cx='12' cy='12' r='11' fill='#3d5a80'/>"
                + $"<g fill='none' stroke='#fff' stroke-width='2'>{mark}</g></svg>")),
            MimeType = "image/svg+xml",
            Sizes = ["any"],
        },
    ];
}
