using System.ComponentModel;
using System.Globalization;
using AgentMcp.Agents;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Rest;

/// <summary>Everything that waits for a person, whichever agent asks.</summary>
internal sealed class RequestRoutes(Core core)
{
    private readonly Troubles _unreadable = new();

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/requests", List).Says("list_requests", "List the open requests, newest first", "requests", StatusCodes.Status422UnprocessableEntity).Produces<RequestList>();

    private JsonHttpResult<RequestList> List(
        HttpContext context,
        string? agent = null,
        [Description("approval, question, budget or in_doubt.")] string? kind = null,
        [Description("A time such as 2026-05-04T10:00:00Z.")] string? asked_before = null,
        [Description("At most this many, 1 to 200.")] string? limit = null,
        [Description("The next_cursor of the page before.")] string? cursor = null)
    {
        var who = RestAccess.Who(context);
        var page = core.Pending.List(new(core.Access.SightOf(who), agent, Kind(kind), Query.Moment("asked_before", asked_before), Cursor(cursor), Query.Number("limit", limit, 1, 200, 50)));
        var server = core.Settings.Approvals;
        var requests = page.Rows.SelectMany(row => OpenIn(ThreadId.Parse(row.ThreadId), who))
            .Where(open => who.Has(Roles.Read) || open.Log.Thread.Start.Principal == who.Id || AccessRules.MayAnswer(open.Asked, who))
            .Select(open => open.IsFunctionCall
                ? new ListedRequest(open.Asked.Kind, FunctionCall: open.FunctionCall(server))
                : new ListedRequest(open.Asked.Kind, HumanContact: open.HumanContact(server)));
        return TypedResults.Json(new RequestList([.. requests],
            page.Next is { } next ? string.Create(CultureInfo.InvariantCulture, $"{next.AskedAt}-{next.ThreadId}") : null), RestJson.Sent.RequestList);
    }

    // Between the list and the log a request may have been answered, or its thread purged; it is then left out. So is that of a
    // thread that cannot be read, which is shown by itself and hides no other.
    private IReadOnlyList<AskedRequest> OpenIn(ThreadId thread, Principal who)
    {
        try
        {
            IReadOnlyList<AskedRequest> open = [.. core.Access.Among([thread], who).SelectMany(seen => AskedRequest.OpenIn(core.Host.Get(seen.Key, seen.Value)))];
            _unreadable.Over(thread.Value);
            return open;
        }
        catch (RefusedException e) when (e.Code == RefusalCode.ThreadNotFound)
        {
            return [];
        }
        catch (Exception e) when (DatabaseException.IsOfOneLog(e))
        {
            if (_unreadable.Note(thread.Value, e.Message))
            {
                core.Log.LogWarning("{Thread} is not among the requests that are listed, for its log cannot be read: {Reason}", thread, e.Message);
            }

            return [];
        }
    }

    private static RequestKind? Kind(string? text) => Query.Named<RequestKind>("kind", text) is not { } kind || A2HView.IsForPeople(kind)
        ? Query.Named<RequestKind>("kind", text)
        : throw Query.Bad("kind", text!, "approval, question, budget or in_doubt; what else threads wait for is under /threads");

    private static PendingRow? Cursor(string? text) => text?.Split('-') switch
    {
        null => null,
        [var at, var thread] when long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && ThreadId.TryParse(thread, out var id) => new(id.Value, "", "", asked),
        _ => throw Query.Bad("cursor", text, "the next_cursor of the page before"),
    };
}
