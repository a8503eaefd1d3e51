using System.ComponentModel;
using System.Globalization;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AgentMcp.Server.Rest;

/// <summary>Everything that waits for a person, whichever agent asks.</summary>
internal sealed class RequestRoutes(Core core)
{
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
        // Between the list and the log a request may have been answered; it is then left out.
        var requests = page.Rows.SelectMany(row => core.Access.Among([ThreadId.Parse(row.ThreadId)], who)).SelectMany(seen => AskedRequest.OpenIn(core.Host.Get(seen.Key, seen.Value)))
            .Where(open => who.Has(Roles.Read) || open.Log.Thread.Start.Principal == who.Id || AccessRules.MayAnswer(open.Asked, who))
            .Select(open => open.IsFunctionCall
                ? new ListedRequest(open.Asked.Kind, FunctionCall: open.FunctionCall(server))
                : new ListedRequest(open.Asked.Kind, HumanContact: open.HumanContact(server)));
        return TypedResults.Json(new RequestList([.. requests],
            page.Next is { } next ? string.Create(CultureInfo.InvariantCulture, $"{next.AskedAt}-{next.ThreadId}") : null), RestJson.Sent.RequestList);
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
