using System.ComponentModel;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Rest;

/// <summary>The events of a thread: a page of them, or all as they happen to a reader that asks for an event stream.</summary>
internal sealed class EventRoutes(Core core)
{
    public const string EventStream = "text/event-stream";
    private const int LargestPage = 1000;
    private readonly EventReader _events = new(core.Database);
    private readonly EventFollower _follower = new(core);

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/threads/{thread_id}/events", Send)
            .Says("thread_events", "Read the events of a thread, or follow them: with Accept: text/event-stream each is sent when it happens, until the thread ends", "threads",
                Status404NotFound, Status422UnprocessableEntity)
            .Produces<EventList>(Status200OK, "application/json", EventStream)
            .Produces(Status204NoContent);

    private async Task<IResult> Send(
        string thread_id, HttpContext context,
        [Description("Only those after this version. A stream takes the header Last-Event-ID for the same.")] string? after = null,
        [Description("At most this many, 1 to 1000; a stream has no end but the thread's.")] string? limit = null)
    {
        var thread = Query.Thread(thread_id);
        var who = RestAccess.Who(context);
        core.Access.OwnerOf(thread, who);
        var seen = Query.Number("after", after, 0, int.MaxValue, 0);
        if (context.Request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType == EventStream))
        {
            var last = context.Request.Headers["Last-Event-ID"].ToString();
            await _follower.Send(thread, who, last.Length == 0 ? seen : Query.Number("Last-Event-ID", last, 0, int.MaxValue, 0), context).ConfigureAwait(false);
            return TypedResults.Empty;
        }

        var most = Query.Number("limit", limit, 1, LargestPage, 200);
        var events = _events.After(thread, seen, most);
        var (version, status) = _events.Head(thread) ?? throw ThreadStore.NotFound(thread);
        return TypedResults.Json(new EventList(thread.Value, status, version,
            [.. events.Select(happened => new NumberedEvent(happened.Version, happened.Data.Element()))],
            events.Count == most && events[^1].Version < version ? events[^1].Version : null), RestJson.Sent.EventList);
    }
}
