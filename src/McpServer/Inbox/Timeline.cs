using System.Globalization;
using AgentMcp.Server.Protocol;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Inbox;

/// <summary>Everything that happened in a thread, oldest first, a bounded stretch at a time.</summary>
internal static class Timeline
{
    private const int MostShown = 200;
    private const int LongestDetail = 2_000;

    public static Html Of(Visit visit, ThreadLog log)
    {
        var count = log.Events.Count;
        var to = int.TryParse(visit.Query("to"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, count) : count;
        var from = Math.Max(1, to - MostShown + 1);
        return Html.Of($"""
            {(from > 1 ? Html.Of($"""<p class="pages"><a class="button" href="?to={from - 1}#timeline">Earlier events</a></p>""") : default)}
            <ol class="timeline" start="{from}">{Enumerable.Range(from, to - from + 1).Select(version => Event(visit, log, version)).ToList()}</ol>
            {(to < count ? Html.Of($"""<p class="pages"><a class="button" href="?to={Math.Min(count, to + MostShown)}#timeline">Later events</a></p>""") : default)}
            """);
    }

    private static Html Event(Visit visit, ThreadLog log, int version)
    {
        var happened = log.Events[version - 1];
        var (title, detail) = Transcript.Describe(happened, log);
        return Html.Of($"""
            <li class="{Tone(happened)}" id="v{version}">
            <span class="version">{version}</span>
            <div class="what"><p><strong>{title}</strong> <span class="soft">{Words.At(happened.At)}{Took(log, version)}</span></p>
            {(happened is StepChosen or StepRejected ? Html.Of($"""<p class="soft">{Step(happened)}<a href="/threads/{log.Thread.Id.Value}/steps/{version}">Exact prompt and reply</a></p>""") : default)}
            {(happened is RequestOpened ? Html.Of($"""<p class="soft"><a href="{Visit.PathOf(new RequestId(version).In(log.Thread.Id))}">The request</a></p>""") : default)}
            {(happened is ThreadForked fork ? Html.Of($"""<p class="soft"><a href="/threads/{fork.From.Value}#v{fork.FromVersion}">The original</a></p>""") : default)}
            {Detail(happened, detail)}</div>
            </li>
            """);
    }

    private static Html Step(ThreadEvent happened) => ((happened as StepChosen)?.Usage ?? (happened as StepRejected)?.Usage) is { } usage
        ? Html.Of($"{Words.Count(usage.InputTokens)} tokens in, {Words.Count(usage.OutputTokens)} out · ")
        : default;

    // How long it was until then: for a step the model's time, for a result the tool's, for an answer the person's.
    private static Html Took(ThreadLog log, int version) => version == 1 ? default
        : Html.Of($""" <span title="since the event before">+{Words.Duration(log.Events[version - 1].At - log.Events[version - 2].At)}</span>""");

    private static Html Detail(ThreadEvent happened, string? detail) => (happened, detail) switch
    {
        (_, null or "") => default,
        (RequestOpened, _) => RichText.Of(detail),
        (_, { Length: > LongestDetail }) => Html.Of($"""<details><summary>{Words.Count(detail.Length)} characters</summary><pre tabindex="0">{detail}</pre></details>"""),
        _ => Html.Of($"""<p class="detail">{detail}</p>"""),
    };

    private static string Tone(ThreadEvent happened) => happened switch
    {
        RequestOpened => "asks",
        ThreadCompleted or RequestAnswered { Approved: true } => "good",
        ToolFailed or StepRejected or ThreadFailed or AnswerRefused or DeliveryFailed or RequestAnswered { Approved: false } => "bad",
        StepChosen => "step",
        _ => "",
    };
}
