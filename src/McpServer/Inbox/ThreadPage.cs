using System.Globalization;
using System.Text.Json;
using AgentMcp.Server.Access;
using AgentMcp.Server.Protocol;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>One thread: where it stands, its relatives, and everything that happened in it.</summary>
internal static class ThreadPage
{
    private const int MostRelatives = 200;

    public static Page Show(Visit visit)
    {
        var log = visit.Log(visit.Route("thread"));
        var thread = log.Thread;
        return new($"{thread.Start.Agent}, {Words.Of(thread.Status)}", Html.Of($"""
            <article class="thread">
            <p class="meta">{ThreadsPage.Status(Words.Of(thread.Status), thread.OpenRequests is [var first, ..] ? WireName.Of(first.Asked.Kind) : null)}<code class="id">{thread.Id.Value}</code></p>
            <h1>{thread.Start.Agent}</h1>
            {Facts(visit, log)}
            {Waiting(thread)}
            {Result(thread)}
            {Actions(visit, thread, AccessRules.MayChange(visit.Who, thread.Start.Principal), visit.Core.Access.MayCall(visit.Who, thread.Start))}
            {Family(visit, thread)}
            <h2 id="timeline">What happened</h2>
            {Timeline.Of(visit, log)}
            </article>
            """), "threads");
    }

    public static async Task<Page?> Cancel(Visit visit, IFormCollection form)
    {
        var id = visit.Log(visit.Route("thread")).Thread.Id;
        var owner = visit.Core.Access.Change(id, visit.Who, "cancel a thread");
        await visit.Host.Cancel(id, visit.Person, form["reason"].ToString().Trim() is { Length: > 0 } reason ? reason : null, owner).ConfigureAwait(false);
        PageReply.See(visit.Http, $"/threads/{id}");
        return null;
    }

    public static async Task<Page?> Fork(Visit visit, IFormCollection form)
    {
        var id = visit.Log(visit.Route("thread")).Thread.Id;
        var owner = visit.Core.Access.Fork(id, visit.Who);
        _ = int.TryParse(form["at"], NumberStyles.None, CultureInfo.InvariantCulture, out var version);
        PageReply.See(visit.Http, $"/threads/{await visit.Host.Fork(id, version, visit.Person, owner).ConfigureAwait(false)}");
        return null;
    }

    /// <summary>A word to a completed thread, which then goes on.</summary>
    public static async Task<Page?> Speak(Visit visit, IFormCollection form)
    {
        var id = visit.Log(visit.Route("thread")).Thread.Id;
        var owner = visit.Core.Access.Speak(id, visit.Who);
        if (form["words"].ToString().ReplaceLineEndings("\n").Trim() is { Length: > 0 } words)
        {
            int? seen = int.TryParse(form["seen"], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
            await visit.Host.Speak(id, visit.Person, JsonText.Of(words), owner, seen: seen).ConfigureAwait(false);
        }

        PageReply.See(visit.Http, $"/threads/{id}");
        return null;
    }

    private static Html Facts(Visit visit, ThreadLog log)
    {
        var thread = log.Thread;
        var steps = log.Events.Count(happened => happened is StepChosen or StepRejected);
        var usage = thread.Usage;
        return Html.Of($"""
            <dl class="facts">
            <div><dt>Started</dt><dd>{Words.Ago(thread.Start.At, visit.Now)} by {thread.Start.Principal} through {Words.Through(thread.Start.Channel)}</dd></div>
            <div><dt>Last event</dt><dd>{Words.Ago(thread.UpdatedAt, visit.Now)}</dd></div>
            <div><dt>Steps</dt><dd>{Words.Count(steps)}{(thread.Model is null ? "" : $", chosen by {thread.Model}")}</dd></div>
            <div><dt>Tokens</dt><dd>{(usage is { InputTokens: 0, OutputTokens: 0 } ? "none counted" : UsageText.Tokens(usage))}</dd></div>
            {(usage is { InputTokens: 0, OutputTokens: 0 } ? default : Html.Of($"<div><dt>Cost</dt><dd>{UsageText.Cost(usage, thread.UnpricedSteps)}</dd></div>"))}
            {(RunUsage.Of(visit.Core, thread, visit.Who) is { Usage: not { InputTokens: 0, OutputTokens: 0 } } run ? Html.Of($"<div><dt>{(run.IsWhole ? "Whole run" : $"{run.Threads} threads of this run")}</dt><dd>{run.Text}</dd></div>") : default)}
            </dl>
            """);
    }

    private static Html Waiting(AgentThread thread) => Html.Of($"{thread.OpenRequests.Select(open => Waiting(thread, open)).ToList()}");

    private static Html Waiting(AgentThread thread, OpenRequest open) => Html.Of($"""
        <a class="row waiting" href="{Visit.PathOf(open.Id.In(thread.Id))}"><span class="meta"><span class="badge {WireName.Of(open.Asked.Kind)}">{Words.Of(open.Asked.Kind)}</span></span>
        <span class="title">{open.Asked.Question}</span></a>
        """);

    private static Html Result(AgentThread thread) => thread.State switch
    {
        ThreadState.Completed done => Html.Of($"""<section class="panel result good" aria-label="Output"><h2>Output</h2>{Message(done.Output)}</section>"""),
        ThreadState.Failed failed => Html.Of($"""<section class="panel result bad" aria-label="Error"><h2>Error</h2><p class="text">{failed.Error}</p></section>"""),
        _ => default,
    };

    // Most agents are spoken to and speak: their output is one message.
    private static Html Message(JsonText output) => output.Element() is { ValueKind: JsonValueKind.Object } o && o.EnumerateObject().ToList() is [{ Name: "message", Value: { ValueKind: JsonValueKind.String } message }]
        ? RichText.Of(message.GetString()!)
        : JsonView.Of(output);

    private static Html Actions(Visit visit, AgentThread thread, bool mayChange, bool mayCall) => Html.Of($"""
        <div class="tools">
        {(thread.State is ThreadState.Completed && thread.Start.Workflow is null && mayChange && mayCall ? Open("Say something to it", visit.Form($"/threads/{thread.Id}/message", Html.Of($"""
            <input type="hidden" name="seen" value="{thread.Version}">
            <div class="field"><label for="words">Your message</label><textarea id="words" name="words" rows="3" required data-send></textarea></div><button class="yes">Send</button>
            """))) : default)}
        {(thread.IsFinal || !mayChange ? default : Open("Cancel", visit.Form($"/threads/{thread.Id}/cancel", Html.Of($"""
            <div class="field"><label for="reason">Why <span class="optional">optional</span></label><input type="text" id="reason" name="reason" maxlength="500" autocomplete="off"></div>
            <p class="help">The thread ends for good; what has happened stays.</p><button class="no">Cancel this thread</button>
            """))))}
        {(!mayChange || !mayCall ? default : Open("Fork", visit.Form($"/threads/{thread.Id}/fork", Html.Of($"""
            <div class="field"><label for="at">After event</label><span class="help" id="at-help">A copy of everything up to this event goes on under a new id; this thread is left alone.</span>
            <input type="number" id="at" name="at" min="1" max="{thread.Version}" value="{thread.Version}" required aria-describedby="at-help"></div><button class="plain">Fork</button>
            """))))}
        <a class="button plain" href="/threads/{thread.Id.Value}/log.json" download="{thread.Id.Value}.json">Download</a>
        </div>
        """);

    private static Html Open(string what, Html form) => Html.Of($"""<details class="tool" id="tool-{what[..4].ToLowerInvariant()}"><summary class="button plain">{what}</summary><div class="panel">{form}</div></details>""");

    private static Html Family(Visit visit, AgentThread thread)
    {
        var rows = RunUsage.SeenOf(visit.Core, visit.Core.Search.Family(thread.Start.Root ?? thread.Id, MostRelatives), visit.Who);
        var seen = rows.Select(row => row.ThreadId).ToHashSet(StringComparer.Ordinal);
        return rows.Count <= 1 ? default : Html.Of($"""
            <section class="family" aria-labelledby="family"><h2 id="family">Threads of this run</h2><ul>{Branch(rows.Where(row => row.ParentId is null || !seen.Contains(row.ParentId)), rows, thread, 0)}</ul></section>
            """);
    }

    private static List<Html> Branch(IEnumerable<ThreadRow> here, IReadOnlyList<ThreadRow> all, AgentThread thread, int depth) => [.. here.Select(row =>
    {
        var children = depth < 20 ? all.Where(child => child.ParentId == row.ThreadId).ToList() : [];
        return Html.Of($"""
            <li><span class="meta"><a href="/threads/{row.ThreadId}"{(row.ThreadId == thread.Id.Value ? Html.Of($""" aria-current="page" """) : default)}>{row.Agent}</a> {ThreadsPage.Status(row.Status, row.Kind)}</span>
            {(children.Count == 0 ? default : Html.Of($"<ul>{Branch(children, all, thread, depth + 1)}</ul>"))}</li>
            """);
    })];
}
