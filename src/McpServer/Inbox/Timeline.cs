using System.Globalization;
using System.Text.Json;
using AgentMcp.Server.Protocol;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Inbox;

/// <summary>Everything that happened in a thread, oldest first, a bounded stretch at a time.</summary>
internal static class Timeline
{
    private const int MostShown = 200;
    private const int LongestText = 2_000;
    private const int LongestJson = 160;

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

    private static Html Step(ThreadEvent happened) => UsageText.Of(happened) is { } used ? Html.Of($"{used} · ") : default;

    // How long it was until then: for a step the model's time, for a result the tool's, for an answer the person's.
    private static Html Took(ThreadLog log, int version) => version == 1 ? default
        : Html.Of($""" <span title="since the event before">+{Words.Duration(log.Events[version - 1].At - log.Events[version - 2].At)}</span>""");

    private static Html Detail(ThreadEvent happened, string? detail) => (happened, detail) switch
    {
        (_, null or "") => default,
        (RequestOpened, _) => RichText.Of(detail),
        (ThreadStarted e, _) => Json(e.Input),
        (StepChosen e, _) => Json(e.Arguments),
        (ToolReturned e, _) => Json(e.Result),
        (Fetched { Result: { } result }, _) => Json(result),
        (ThreadCompleted e, _) => Json(e.Output),
        (_, { Length: > LongestText }) => Folded(detail.Length, Html.Of($"""<pre tabindex="0">{detail}</pre>""")),
        _ => Html.Of($"""<p class="detail">{detail}</p>"""),
    };

    // What was said is read as words, a small value in its line, a large one when it is opened.
    private static Html Json(JsonText value) => value.Element() switch
    {
        { ValueKind: JsonValueKind.Object } o when o.EnumerateObject().ToList() is [{ Name: "message", Value: { ValueKind: JsonValueKind.String } said }] && said.GetString()!.Length <= LongestText =>
            Html.Of($"""<p class="detail">{said.GetString()}</p>"""),
        { ValueKind: JsonValueKind.Object } o when !o.EnumerateObject().Any() => default,
        _ when value.Text.Length <= LongestJson => Html.Of($"""<p class="detail json">{value.Text}</p>"""),
        _ => Folded(value.Text.Length, JsonView.Exact(value)),
    };

    private static Html Folded(int length, Html whole) => Html.Of($"""<details><summary>{Words.Count(length)} characters</summary>{whole}</details>""");

    private static string Tone(ThreadEvent happened) => happened switch
    {
        RequestOpened => "asks",
        ThreadCompleted or RequestAnswered { Approved: true } => "good",
        ToolFailed or StepRejected or ThreadFailed or AnswerRefused or DeliveryFailed or RequestAnswered { Approved: false }
            or Fetched { Error: not null } or StepJudged { Verdict: Verdict.Fail } => "bad",
        StepChosen => "step",
        _ => "",
    };
}
