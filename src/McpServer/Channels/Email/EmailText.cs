using AgentMcp.Server.Hosting;
using AgentMcp.Server.Inbox;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Markup = AgentMcp.Server.Inbox.Html;

namespace AgentMcp.Server.Channels.Email;

/// <summary>A request as a mail: the same words as plain text and as HTML. Pure.</summary>
internal static class EmailText
{
    private const int LongestSubject = 120;

    /// <summary>The subject of what came first in the thread: with another one many readers begin a new conversation.</summary>
    public static string Subject(Notice notice)
    {
        if (notice.Ending is not null && notice.Delivery.Told.All(told => told.IsReply))
        {
            return notice.Headline;
        }

        var question = string.Join(' ', Visible.Of(notice.First.Question).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var subject = $"{notice.Agent}: {question}";
        return (notice.Delivery.Told.Count > 0 ? "Re: " : "") + (subject.Length > LongestSubject ? subject[..(LongestSubject - (char.IsHighSurrogate(subject[LongestSubject - 1]) ? 1 : 0))] + "…" : subject);
    }

    public static string Plain(Notice notice, string? link)
    {
        if (notice.Ending is { } ending)
        {
            return $"{Visible.Of(ending.Words)}\n\n-- \n{notice.Agent}, {notice.Thread}\n";
        }

        string?[] parts =
        [
            notice.Headline,
            Visible.Of(notice.Asked.Question),
            notice.Outcome is { } outcome ? $"{Visible.Of(outcome)}." : null,
            .. notice.IsOpen ? Open(notice, link) : [],
            $"-- \n{notice.Request}",
        ];
        return string.Join("\n\n", parts.OfType<string>()) + "\n";
    }

    public static string Html(Notice notice, string? link) => notice.Ending is { } ending ? Html(notice, ending) : Markup.Of($"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>{notice.Headline}</title></head>
        <body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:40rem;margin:0 auto;padding:1rem">
        <p style="color:#555">{notice.Headline}</p>
        <h1 style="font-size:1.25rem;white-space:pre-wrap">{notice.Asked.Question}</h1>
        {(notice.Outcome is { } outcome ? Markup.Of($"""<p style="white-space:pre-wrap"><strong>{outcome}.</strong></p>""") : default)}
        {(notice.IsOpen ? OpenHtml(notice, link) : default)}
        <p style="color:#777;font-size:.8rem">{notice.Request}</p>
        </body></html>
        """).ToString();

    private static string Html(Notice notice, Ending ending) => Markup.Of($"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>{notice.Headline}</title></head>
        <body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:40rem;margin:0 auto;padding:1rem">
        <p style="white-space:pre-wrap">{ending.Words}</p>
        <p style="color:#777;font-size:.8rem">{notice.Agent}, {notice.Thread.Value}</p>
        </body></html>
        """).ToString();

    private static IEnumerable<string?> Open(Notice notice, string? link)
    {
        var asked = notice.Asked;
        yield return string.IsNullOrWhiteSpace(asked.Context) ? null : Visible.Of(asked.Context);
        yield return asked.Action is { } action ? $"What would be done: {action.Tool}\n{Visible.Of(Indented.Of(action.Arguments))}" : null;
        yield return asked.Options is { Count: > 0 } options ? string.Join('\n', options.Select(option => $"- {Visible.Of(Words(option))}").Prepend(OptionsTitle(asked))) : null;
        yield return asked.DueAt is { } due ? Expiry(asked, due) : null;
        yield return link is null ? OnTheMachine(notice) : $"Answer here:\n{link}";
        yield return link is null ? null : OneUse;
    }

    private static Markup OpenHtml(Notice notice, string? link)
    {
        var asked = notice.Asked;
        return Markup.Of($"""
            {(string.IsNullOrWhiteSpace(asked.Context) ? default : Markup.Of($"""<p style="white-space:pre-wrap">{asked.Context}</p>"""))}
            {(asked.Action is { } action ? Markup.Of($"""<p>What would be done: <code>{action.Tool}</code></p><pre style="background:#f4f4f4;padding:.75rem;white-space:pre-wrap">{Indented.Of(action.Arguments)}</pre>""") : default)}
            {(asked.Options is { Count: > 0 } options ? Markup.Of($"""<p>{OptionsTitle(asked)}</p><ul>{options.Select(option => Markup.Of($"<li>{Words(option)}</li>")).ToList()}</ul>""") : default)}
            {(asked.DueAt is { } due ? Markup.Of($"<p>{Expiry(asked, due)}</p>") : default)}
            {(link is null ? Markup.Of($"<p>{OnTheMachine(notice)}</p>") : Markup.Of($"""<p><a href="{link}" style="background:#1a56db;color:#fff;padding:.6rem 1rem;text-decoration:none;border-radius:.3rem">Answer</a></p><p style="color:#555">{OneUse}</p>"""))}
            """);
    }

    private const string OneUse = "The link works once, for one browser, and opens this request only. Do not pass it on: whoever opens it can answer. Nothing is answered before you press a button on the page.";

    private static string OnTheMachine(Notice notice) => $"Answer on the machine where it runs: agentmcp answer {notice.Thread}";

    private static string OptionsTitle(RequestOpened asked) => asked.Kind == RequestKind.Approval ? "Prepared reasons to reject:" : "Prepared answers:";

    private static string Expiry(RequestOpened asked, DateTimeOffset due) =>
        $"It expires {due:yyyy-MM-dd HH:mm} UTC{(asked.Kind == RequestKind.Approval ? "; without an answer by then it counts as rejected" : "")}.";

    private static string Words(ResponseOption option) => option.Title ?? option.Name;
}
