using AgentMcp.Server.Protocol;
using AgentMcp.Server.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Inbox;

/// <summary>How a request was settled: by whom, when and through what, and what has followed since.</summary>
internal static class RequestOutcome
{
    private const int MostShown = 8;

    public static Html Of(Visit visit, ThreadLog log, RequestId id) => Html.Of($"""
        <section class="panel outcome" aria-label="How it was settled">
        {How(visit, log, id)}
        {Since(log, id)}
        <p class="more"><a href="/threads/{log.Thread.Id.Value}" class="button">Open the thread</a>{Following(visit, log)}</p>
        </section>
        """);

    private static Html How(Visit visit, ThreadLog log, RequestId id)
    {
        if (log.Thread.Answers.TryGetValue(id, out var answer))
        {
            return Html.Of($"""
                <h2 class="{(answer.Approved == true ? "approved" : answer.Approved == false ? "rejected" : "")}"><span class="mark" aria-hidden="true"></span>{Capital(Words.Verdict(answer))}</h2>
                <p>by <strong>{answer.By}</strong> through {Words.Through(answer.Channel)}, {Words.Ago(answer.At, visit.Now)}</p>
                {(answer.Arguments is { } changed && ((RequestOpened)log.Events[id.Version - 1]).Action is { } action ? Html.Of($"""<h3>With changes</h3>{ArgumentsDiff.Of(action.Arguments, changed)}""") : default)}
                {(answer.Comment is null ? default : Html.Of($"<blockquote>{answer.Comment}</blockquote>"))}
                {(answer.Response is { IsNull: false } response ? JsonView.Of(response) : default)}
                """);
        }

        return log.Events.Skip(id.Version).FirstOrDefault(happened => happened is RequestExpired or ThreadCancelled) switch
        {
            ThreadCancelled e => Html.Of($"""<h2>No longer asked</h2><p>The thread was cancelled by <strong>{e.By}</strong> through {Words.Through(e.Channel)}, {Words.Ago(e.At, visit.Now)}.</p>"""),
            RequestExpired e => Html.Of($"""<h2>Expired</h2><p>Nobody answered in time; it ended {Words.Ago(e.At, visit.Now)}.</p>"""),
            _ => Html.Of($"""<h2>No longer asked</h2><p>The thread went on without an answer.</p>"""),
        };
    }

    private static Html Since(ThreadLog log, RequestId id)
    {
        var settled = log.Thread.Answers.GetValueOrDefault(id);
        var since = Enumerable.Range(id.Version, log.Events.Count - id.Version).Where(i => log.Events[i] != settled).Take(MostShown)
            .Select(i => (Version: i + 1, Happened: log.Events[i])).ToList();
        return since.Count == 0
            ? Html.Of($"""<p class="help">{(log.Thread.Status == ThreadStatus.Running ? "It goes on now." : "Nothing has followed yet.")}</p>""")
            : Html.Of($"""
                <h3>What followed</h3>
                <ol class="since">{since.Select(one => Html.Of($"""<li>{Words.At(one.Happened.At)} {Transcript.Describe(one.Happened, log).Title}</li>""")).ToList()}</ol>
                """);
    }

    /// <summary>The thread's own next request comes first, then whatever else waits.</summary>
    private static Html Following(Visit visit, ThreadLog log) => (WaitingFor.Alone(log).First, visit.Session.SeesEverything) switch
    {
        ({ } next, true) => Html.Of($""" <a class="button primary" href="{Visit.PathOf(next.Id)}" data-next>Its next question</a>"""),
        (_, true) when PendingPage.Next(visit) is { } next => Html.Of($""" <a class="button primary" href="{Visit.PathOf(next)}" data-next>Next pending request</a>"""),
        (_, true) => Html.Of($""" <a class="button" href="/">Nothing else waits: back to the list</a>"""),
        _ => default,
    };

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
