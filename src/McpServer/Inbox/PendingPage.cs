using System.Globalization;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Inbox;

/// <summary>Everything that waits for a person, newest first, by agent, kind and age.</summary>
internal static class PendingPage
{
    private const int PageSize = 40;
    private const int MostTried = 10;
    private static readonly string[] FilterNames = ["agent", "kind", "age"];
    private static readonly RequestKind[] Kinds = [RequestKind.Approval, RequestKind.Question, RequestKind.Budget, RequestKind.InDoubt, RequestKind.ExternalResult];

    private static readonly (string Name, string Shown, TimeSpan Age)[] Ages =
        [("1h", "an hour", TimeSpan.FromHours(1)), ("1d", "a day", TimeSpan.FromDays(1)), ("7d", "a week", TimeSpan.FromDays(7))];

    public static Page Show(Visit visit)
    {
        var agents = visit.Core.Pending.Agents(visit.Sight);
        var filter = FilterOf(visit);
        var page = visit.Core.Pending.List(filter);
        var isFiltered = filter != new PendingFilter(visit.Sight, Limit: PageSize);
        return new("Pending", Html.Of($"""
            <div class="head"><h1>Pending</h1>{Filters(visit, filter, agents)}</div>
            {(page.Rows.Count > 0
                ? Html.Of($"""<ol class="requests" data-list>{page.Rows.Select(row => Row(visit, row)).ToList()}</ol>""")
                : Empty(isFiltered))}
            {(page.Next is { } next ? Html.Of($"""<p class="pages"><a class="button" rel="next" href="{Link(visit, next)}">Older</a></p>""") : default)}
            """), "pending");
    }

    /// <summary>The id of the newest request that waits for a person.</summary>
    public static string? Next(Visit visit)
    {
        foreach (var row in visit.Core.Pending.List(new(visit.Sight, Limit: MostTried)).Rows)
        {
            try
            {
                if (Asked(visit, row) is [var asking, ..])
                {
                    return asking.Id;
                }
            }
            catch (Exception e) when (DatabaseException.IsOfOneLog(e))
            {
                visit.Core.Log.LogDebug("{Thread} is passed over: {Reason}", row.ThreadId, e.Message);
            }
        }

        return null;
    }

    // A workflow may ask several things at once; and what it asked may have been answered since the list was read, by which a
    // thread is not seen any more that was seen for it.
    private static IReadOnlyList<Asking> Asked(Visit visit, PendingRow row) =>
        [.. visit.Core.Access.Among([ThreadId.Parse(row.ThreadId)], visit.Who).SelectMany(seen => WaitingFor.Alone(visit.Host.Get(seen.Key, seen.Value)).Answerable)];

    private static Html Row(Visit visit, PendingRow row)
    {
        try
        {
            return Html.Of($"{Asked(visit, row).Select(asking => Row(visit, row, asking)).ToList()}");
        }
        catch (Exception e) when (DatabaseException.IsOfOneLog(e))
        {
            return Html.Of($"""<li class="row"><span class="meta"><span class="who">{row.Agent}</span><code>{row.ThreadId}</code></span><span class="help">This thread cannot be read. {e.Message}</span></li>""");
        }
    }

    private static Html Row(Visit visit, PendingRow row, Asking asking)
    {
        var asked = asking.Open.Asked;
        return Html.Of($"""
            <li><a class="row" href="{Visit.PathOf(asking.Id)}">
            <span class="meta"><span class="badge {WireName.Of(asked.Kind)}">{Words.Of(asked.Kind)}</span><span class="who">{row.Agent}</span>
            {(asked.Action is { } action ? Html.Of($"<code>{action.Tool}</code>") : default)}
            <span class="when">{Words.Ago(asked.At, visit.Now)}</span></span>
            <span class="title">{Shortened(asked.Question)}</span>
            </a></li>
            """);
    }

    private static Html Filters(Visit visit, PendingFilter filter, IReadOnlyList<string> agents) => Html.Of($"""
        <form class="filters" method="get" action="/" aria-label="Filter">
        <label>Agent <select name="agent"><option value="">all</option>{agents.Select(agent => Option(agent, agent, filter.Agent == agent)).ToList()}</select></label>
        <label>Kind <select name="kind"><option value="">questions and approvals</option>{Kinds.Select(kind => Option(WireName.Of(kind), Words.Of(kind).ToLowerInvariant(), filter.Kind == kind)).ToList()}</select></label>
        <label>Waiting for <select name="age"><option value="">any time</option>{Ages.Select(age => Option(age.Name, $"over {age.Shown}", visit.Query("age") == age.Name)).ToList()}</select></label>
        <button class="plain">Show</button>
        </form>
        """);

    private static Html Option(string value, string shown, bool selected) => Html.Of($"""<option value="{value}"{Html.Flag("selected", selected)}>{shown}</option>""");

    private static Html Empty(bool isFiltered) => isFiltered
        ? Html.Of($"""<div class="empty-page"><p>Nothing that waits matches these filters.</p><p><a class="button" href="/">Show all</a></p></div>""")
        : Html.Of($"""<div class="empty-page"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-7"/></svg><p>Nothing waits for you.</p><p class="help">What needs a person appears here by itself.</p></div>""");

    private static PendingFilter FilterOf(Visit visit) => new(visit.Sight, visit.Query("agent"),
        Kinds.Where(kind => WireName.Of(kind) == visit.Query("kind")).Select(kind => (RequestKind?)kind).FirstOrDefault(),
        Ages.FirstOrDefault(age => age.Name == visit.Query("age")) is { Name: not null } age ? visit.Now - age.Age : null,
        visit.Query("after")?.Split(' ') is [var at, var thread] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? new(thread, "", "", asked) : null,
        PageSize);

    private static string Link(Visit visit, PendingRow next) => "/" + Microsoft.AspNetCore.Http.QueryString.Create(
        FilterNames.Select(name => KeyValuePair.Create(name, visit.Query(name))).Append(new("after", FormattableString.Invariant($"{next.AskedAt} {next.ThreadId}")))
            .Where(one => one.Value is not null));

    private static string Shortened(string question) => question.Length > 300 ? question[..300] + "…" : question;
}
