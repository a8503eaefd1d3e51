using System.Globalization;
using AgentMcp.Agents.Prompting;
using AgentMcp.Server.Protocol;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Inbox;

/// <summary>One decision in full: what exactly the model was given, what it replied, what that took.</summary>
internal static class StepPage
{
    public static Page Show(Visit visit)
    {
        var log = visit.Log(visit.Route("thread"));
        var thread = log.Thread.Id.Value;
        if (!int.TryParse(visit.Route("version"), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            || version < 2 || version > log.Events.Count || log.Events[version - 1] is not (StepChosen or StepRejected))
        {
            throw new RefusedException(RefusalCode.RequestNotFound, $"Event {visit.Route("version")} of {thread} is not a step.");
        }

        var happened = log.Events[version - 1];
        var prompt = PromptRenderer.RenderFor(visit.Host.AgentAt(log, version), log.Events, version);
        List<int> steps = [.. Enumerable.Range(1, log.Events.Count).Where(one => log.Events[one - 1] is StepChosen or StepRejected)];
        var at = steps.IndexOf(version);
        return new($"Step {at + 1} of {log.Thread.Start.Agent}", Html.Of($"""
            <article class="thread">
            <nav class="path" aria-label="Where this is"><ol><li><a href="/threads/{thread}#v{version}">{log.Thread.Start.Agent}</a></li><li>event {version}</li></ol></nav>
            <h1>Step {at + 1} of {steps.Count}</h1>
            {Facts(log, happened, version)}
            <h2>Reply</h2>
            {Reply(happened)}
            <h2>System message</h2><pre tabindex="0">{prompt.System}</pre>
            <h2>User message</h2><pre tabindex="0">{prompt.User}</pre>
            <p class="pages">{Link(thread, at > 0 ? steps[at - 1] : null, "Step before", "prev")}{Link(thread, at + 1 < steps.Count ? steps[at + 1] : null, "Next step", "next")}</p>
            </article>
            """), "threads");
    }

    private static Html Facts(ThreadLog log, ThreadEvent happened, int version)
    {
        var (model, usage) = happened switch
        {
            StepChosen e => (e.Model, e.Usage),
            StepRejected e => (e.Model, e.Usage),
            _ => ("", null),
        };
        return Html.Of($"""
            <dl class="facts">
            <div><dt>Model</dt><dd>{model}</dd></div>
            <div><dt>Time</dt><dd>{Words.Duration(happened.At - log.Events[version - 2].At)}, until {Words.Readable(happened.At)}</dd></div>
            <div><dt>Tokens</dt><dd>{(usage is null ? "not counted" : UsageText.Tokens(usage))}</dd></div>
            <div><dt>Cost</dt><dd>{(usage is null ? "not counted" : UsageText.Cost(usage, 0))}</dd></div>
            </dl>
            """);
    }

    private static Html Reply(ThreadEvent happened) => happened switch
    {
        StepChosen e => Html.Of($"""<section class="action" aria-label="The step"><h3><code>{e.Intent}</code></h3>{JsonView.Of(e.Arguments)}<details><summary>Exact arguments</summary>{JsonView.Exact(e.Arguments)}</details></section>"""),
        StepRejected e => Html.Of($"""<div class="notice"><p><strong>Rejected:</strong> {e.Reason}</p></div>{(e.Reply is null ? default : Html.Of($"""<pre tabindex="0">{e.Reply}</pre>"""))}"""),
        _ => default,
    };

    private static Html Link(string thread, int? version, string words, string rel) =>
        version is { } step ? Html.Of($"""<a class="button" rel="{rel}" href="/threads/{thread}/steps/{step}">{words}</a>""") : default;
}
