using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>All threads, newest first, by status, agent and what was said in them.</summary>
internal static class ThreadsPage
{
    private const int PageSize = 50;
    private static readonly string[] FilterNames = ["q", "status", "agent"];

    public static Page Show(Visit visit)
    {
        var text = visit.Query("q")?.Trim();
        var filter = new ThreadFilter(visit.Sight,
            Enum.GetValues<ThreadStatus>().Where(status => Words.Of(status) == visit.Query("status")).Select(status => (ThreadStatus?)status).FirstOrDefault(),
            visit.Query("agent"), Cursor: ThreadId.TryParse(visit.Query("after"), out var cursor) ? cursor : null, Limit: PageSize);
        // An id is looked up; whatever it was copied with is no part of it.
        if (ThreadId.TryParse(text, out var id) || RequestId.TryParse(text, out id, out _))
        {
            PageReply.See(visit.Http, "/threads/" + visit.Core.Access.Get(id, visit.Who).Thread.Id);
            return new("Threads", default, Status: StatusCodes.Status303SeeOther);
        }

        var (rows, next) = text is { Length: > 0 } && visit.Core.Search.Find(filter, text) is var found
            ? (found.Rows, found.Next)
            : visit.Host.List(filter) is var page ? (page.Rows, page.Next) : default;
        return new("Threads", Html.Of($"""
            <div class="head"><h1>Threads</h1>{Filters(visit, filter, text)}</div>
            {(rows.Count == 0 ? Html.Of($"""<div class="empty-page"><p>{(next is null ? "There are no such threads." : "None so far.")}</p></div>""") : Html.Of($"""
                <div class="wide"><table class="threads" data-list>
                <thead><tr><th scope="col">Agent</th><th scope="col">Status</th><th scope="col" class="number">Events</th><th scope="col">Started</th><th scope="col">Last event</th></tr></thead>
                <tbody>{rows.Select(row => Row(visit, row)).ToList()}</tbody>
                </table></div>
                """))}
            {(next is null ? default : More(visit, next.Value, text is { Length: > 0 } && rows.Count < PageSize))}
            """), "threads");
    }

    public static Html Row(Visit visit, ThreadRow row) => Html.Of($"""
        <tr><th scope="row"><a class="jump" href="/threads/{row.ThreadId}">{row.Agent}</a> <code class="id">{row.ThreadId[^8..]}</code></th>
        <td>{Status(row.Status, row.Kind)}</td><td class="number">{row.Version}</td>
        <td>{Words.Ago(DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), visit.Now)}</td>
        <td>{Words.Ago(DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAt), visit.Now)}</td></tr>
        """);

    public static Html Status(string status, string? kind) => Html.Of($"""<span class="badge {status}">{status}</span>{(kind is null ? default : Html.Of($""" <span class="kind">{kind.Replace('_', ' ')}</span>"""))}""");

    private static Html Filters(Visit visit, ThreadFilter filter, string? text) => Html.Of($"""
        <form class="filters" method="get" action="/threads" role="search">
        <label><span class="unseen">Search</span><input type="search" name="q" value="{Html.Typed(text ?? "")}" placeholder="Words or an id" maxlength="200" autocomplete="off"></label>
        <label>Status <select name="status"><option value="">any</option>{Enum.GetValues<ThreadStatus>().Select(status => Option(Words.Of(status), filter.Status == status)).ToList()}</select></label>
        <label>Agent <select name="agent"><option value="">all</option>{visit.Core.Access.AgentsFor(visit.Who).Select(agent => Option(agent.Name, filter.Agent == agent.Name)).ToList()}</select></label>
        <button class="plain">Search</button>
        </form>
        """);

    private static Html Option(string name, bool selected) => Html.Of($"""<option{Html.Flag("selected", selected)}>{name}</option>""");

    private static Html More(Visit visit, ThreadId next, bool searchedAStretch)
    {
        var query = QueryString.Create(FilterNames.Select(name => KeyValuePair.Create(name, visit.Query(name))).Append(new("after", next.Value)).Where(one => one.Value is not null));
        return Html.Of($"""
            {(searchedAStretch ? Html.Of($"""<p class="note">The newest {Words.Count(ThreadSearch.Stretch)} threads of this view were looked through.</p>""") : default)}
            <p class="pages"><a class="button" rel="next" href="/threads{query.Value}">{(searchedAStretch ? "Look further back" : "Older")}</a></p>
            """);
    }
}
