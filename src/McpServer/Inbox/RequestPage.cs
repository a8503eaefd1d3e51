using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>One request: what is asked, what exactly would be done, what follows from each answer, and the form to give it.</summary>
internal static class RequestPage
{
    private static readonly Dictionary<string, string> NoProblems = [];
    private static readonly string[] Written = ["words", "result"];

    public static Page Show(Visit visit) => Of(visit, null, NoProblems, StatusCodes.Status200OK, null);

    /// <summary>Takes an answer. Null when it was taken; else the page that says what is wrong.</summary>
    public static async Task<Page?> Answer(Visit visit, IFormCollection form)
    {
        var (log, id) = Find(visit);
        if (log.Thread.OpenRequests.FirstOrDefault(open => open.Id == id) is not { } open)
        {
            return Of(visit, form, NoProblems, StatusCodes.Status409Conflict, "Your answer was not recorded: the request was settled before it arrived.");
        }

        if (open.Asked is { Changes: not null, Action: { } asked } && form["do"] == "review")
        {
            var wrong = new Dictionary<string, string>(StringComparer.Ordinal);
            var changed = ArgumentChanges.Read(open.Asked, form, wrong);
            return changed is { } arguments && !ArgumentChanges.IsSame(asked.Arguments, arguments)
                ? Of(visit, null, wrong, StatusCodes.Status200OK, null, ArgumentChanges.Review(visit, open.Asked, arguments, id.In(log.Thread.Id), GivenAnswer.CommentOf(form)))
                : Of(visit, form, wrong.Count > 0 ? wrong : new() { [GivenAnswer.Whole] = "Nothing is changed yet." }, StatusCodes.Status422UnprocessableEntity, null);
        }

        var (answer, problems) = GivenAnswer.Read(open.Asked, form);
        if (answer is null)
        {
            return Of(visit, form, problems, StatusCodes.Status422UnprocessableEntity, null);
        }

        try
        {
            var (thread, request, owner) = visit.Core.Access.ToAnswer(log.Thread.Id, (log.Thread.Id, id), visit.Who);
            await visit.Host.Answer(thread, visit.Person, request, answer.Approved, answer.Response, answer.Comment, answer.Arguments, owner).ConfigureAwait(false);
            return null;
        }
        catch (RefusedException e) when (e.Code is RefusalCode.AlreadyAnswered or RefusalCode.NothingPending or RefusalCode.ThreadEnded or RefusalCode.RequestNotFound)
        {
            return Of(visit, form, NoProblems, StatusCodes.Status409Conflict, "Your answer was not recorded: the request was settled a moment before it arrived.");
        }
        catch (RefusedException e)
        {
            return Of(visit, form, new Dictionary<string, string> { [GivenAnswer.Whole] = e.Message },
                e.Code is RefusalCode.Forbidden or RefusalCode.HumanRequired ? StatusCodes.Status403Forbidden : StatusCodes.Status422UnprocessableEntity, null);
        }
    }

    private static Page Of(Visit visit, IFormCollection? entered, IReadOnlyDictionary<string, string> problems, int status, string? conflict, Html review = default)
    {
        var (log, id) = Find(visit);
        var asked = (RequestOpened)log.Events[id.Version - 1];
        var open = log.Thread.OpenRequests.FirstOrDefault(one => one.Id == id);
        return new(asked.Question, Html.Of($"""
            <article class="request">
            <div class="asked">
            {Path(visit, log)}
            <p class="meta"><span class="badge {WireName.Of(asked.Kind)}">{Words.Of(asked.Kind)}</span><span>asked {Words.Ago(asked.At, visit.Now)}{Expiry(asked)}</span></p>
            <h1>{asked.Question}</h1>
            {(conflict is null ? default : Html.Of($"""<div class="notice" role="alert"><p><strong>{conflict}</strong></p>{Unsaid(entered)}</div>"""))}
            {(string.IsNullOrWhiteSpace(asked.Context) ? default : RichText.Of(asked.Context))}
            {(asked.Action is { } action ? Action(visit, log, action) : default)}
            </div>
            {(open is null ? RequestOutcome.Of(visit, log, id) : Html.Of($"""
                <section class="panel" aria-label="Answer">
                {(review.IsEmpty ? Html.Of($"{new AnswerForm(visit, open, log.Thread.Start.Agent, log.Thread.Start.Principal, entered, problems) { Thread = log.Thread.Id }.Of()}{Next(log, asked)}") : review)}
                </section>
                """))}
            </article>
            """), visit.Session.SeesEverything ? "pending" : "", status, IsLive: status == StatusCodes.Status200OK && review.IsEmpty);
    }

    private static (ThreadLog Log, RequestId Id) Find(Visit visit)
    {
        var name = visit.Route("request");
        return RequestId.TryParse(name, out var thread, out var id) && visit.Core.Access.Among([thread], visit.Who).TryGetValue(thread, out var owner) && visit.Host.Get(thread, owner) is var log
            && id.Version >= 1 && id.Version <= log.Thread.Version && log.Events[id.Version - 1] is RequestOpened
            ? (log, id)
            : throw new RefusedException(RefusalCode.RequestNotFound, $"There is no request '{name}'.");
    }

    /// <summary>From the first caller down to the thread that asks.</summary>
    private static Html Path(Visit visit, ThreadLog log)
    {
        // By their rows: a caller whose log cannot be read hides nothing that it called.
        var start = log.Thread.Start;
        var chain = new List<(string Thread, string Agent)> { (log.Thread.Id.Value, start.Agent) };
        for (var parent = start.Parent; parent is { } id && chain.Count < 20 && visit.Core.Search.Row(id, start.Principal) is { } row; parent = row.ParentId is null ? null : ThreadId.Parse(row.ParentId))
        {
            // What is not there for who looks is not named.
            chain.AddRange(visit.Core.Sees(visit.Who, id) ? [(row.ThreadId, row.Agent)] : []);
        }

        chain.Reverse();
        return Html.Of($"""
            <nav class="path" aria-label="Chain of threads"><ol>
            {chain.Select(one => Html.Of($"""<li><a href="/threads/{one.Thread}">{one.Agent}</a></li>""")).ToList()}
            </ol></nav>
            """);
    }

    private static Html Action(Visit visit, ThreadLog log, BoundAction action)
    {
        var tool = visit.Host.AgentOf(log.Thread).FindTool(action.Tool);
        return Html.Of($"""
            <section class="action" aria-label="What would be done">
            <h2><code>{action.Tool}</code>{(tool is null ? default : Html.Of($"""<span class="badge effect">{Words.Of(tool.Effect)}</span>"""))}</h2>
            {(tool is { Description.Length: > 0 } ? Html.Of($"""<p class="help">{tool.Description}</p>""") : default)}
            {JsonView.Of(action.Arguments)}
            <details><summary>Exact arguments and digest</summary>{JsonView.Exact(action.Arguments)}<p class="digest"><code>{action.Digest}</code></p></details>
            </section>
            """);
    }

    private static Html Expiry(RequestOpened asked) => asked is { DueAt: { } due, Kind: not RequestKind.Sleep } ? Html.Of($", expires {Words.Readable(due)}") : default;

    private static Html Next(ThreadLog log, RequestOpened asked)
    {
        var agent = log.Thread.Start.Agent;
        string[] says = asked switch
        {
            { Kind: RequestKind.Approval, Action: { } action } =>
                [$"Approve: {action.Tool} runs once, with exactly these arguments.", $"Reject: nothing runs; {agent} reads your feedback and thinks again."],
            { Kind: RequestKind.Approval } => [$"Approve: {agent} goes on.", $"Reject: {agent} reads your feedback and thinks again."],
            { Kind: RequestKind.Budget } => [$"Let it go on: {agent} gets the same again, and reads your guidance.", "Stop it: the thread ends as failed."],
            { Kind: RequestKind.InDoubt } => ["Nothing is run a second time unless you say so."],
            { Kind: RequestKind.Sleep or RequestKind.Child } => [],
            _ => [$"{agent} reads your answer and goes on."],
        };
        return says.Length == 0 ? default : Html.Of($"""
            <section class="next"><h2>What happens next</h2><ul>{says.Select(one => Html.Of($"<li>{one}</li>")).ToList()}</ul></section>
            """);
    }

    private static Html Unsaid(IFormCollection? entered)
    {
        var words = entered is null ? null : Written.Select(name => entered[name].ToString()).Prepend(GivenAnswer.CommentOf(entered)).FirstOrDefault(text => text is { Length: > 0 });
        return words is null ? default : Html.Of($"<p>You had written:</p><blockquote>{words}</blockquote>");
    }
}
