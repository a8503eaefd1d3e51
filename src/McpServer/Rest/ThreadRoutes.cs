using System.ComponentModel;
using System.Text.Json;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Rest;

/// <summary>Launch, query, answer, cancel, fork. Results are those of the tools, as they are.</summary>
internal sealed class ThreadRoutes(Core core)
{
    private const string Tag = "threads";

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/agents", (HttpContext context) => Json(ListAgentsTool.Json(core.Catalog, core.Access.AgentsFor(RestAccess.Who(context)), RestAccess.Who(context))))
            .Says("list_agents", "List the agents with their input and output schemas", "agents").Produces<AgentListDocument>();
        api.MapPost("/threads", Start)
            .Says("start_thread", "Start an agent", Tag, Status400BadRequest, Status404NotFound, Status409Conflict, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity)
            .Produces<ThreadDocument>(Status201Created);
        api.MapGet("/threads", List).Says("list_threads", "List the threads, newest first", Tag, Status422UnprocessableEntity).Produces<ThreadListDocument>();
        api.MapGet("/threads/{thread_id}", Get).Says("get_thread", "Show where a thread stands", Tag, Status404NotFound, Status422UnprocessableEntity).Produces<ThreadDocument>();
        api.MapPost("/threads/{thread_id}/answer", Answer)
            .Says("answer_thread", "Answer what a thread waits for, or speak to a completed one", Tag,
                Status400BadRequest, Status403Forbidden, Status404NotFound, Status409Conflict, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity)
            .Produces<ThreadDocument>();
        api.MapPost("/threads/{thread_id}/cancel", Cancel)
            .Says("cancel_thread", "End a thread for good", Tag, Status400BadRequest, Status404NotFound, Status413PayloadTooLarge, Status415UnsupportedMediaType)
            .Produces<ThreadDocument>();
        api.MapPost("/threads/{thread_id}/fork", Fork)
            .Says("fork_thread", "Copy a thread up to a version and let the copy go on", Tag,
                Status400BadRequest, Status404NotFound, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity)
            .Produces<ThreadDocument>(Status201Created);
    }

    private async Task<ContentHttpResult> Start(Launch body, HttpContext context)
    {
        var input = Value(body.Input);
        core.Access.Start(RestAccess.Who(context), body.Agent, input, body.IdempotencyKey);
        var thread = await core.Host.Start(body.Agent, input, RestAccess.Caller(context), body.IdempotencyKey).ConfigureAwait(false);
        return await Created(thread, body.WaitSeconds, context).ConfigureAwait(false);
    }

    private ContentHttpResult List(
        HttpContext context,
        [Description("running, pending, completed, failed or cancelled; pending is everything that waits.")] string? status = null,
        string? agent = null,
        [Description("What it waits for: question, approval, external_result, child, budget, next_step, in_doubt or sleep.")] string? kind = null,
        [Description("A time such as 2026-05-04T10:00:00Z.")] string? started_after = null,
        [Description("A time such as 2026-05-04T10:00:00Z.")] string? started_before = null,
        [Description("At most this many, 1 to 200.")] string? limit = null,
        [Description("The next_cursor of the page before.")] string? cursor = null)
    {
        var filter = new ThreadFilter(core.Access.SightOf(RestAccess.Who(context)), Query.Named<ThreadStatus>("status", status), agent, Query.Named<RequestKind>("kind", kind),
            Query.Moment("started_before", started_before), Query.Moment("started_after", started_after),
            cursor is null ? null : ThreadId.TryParse(cursor, out var id) ? id : throw Query.Bad("cursor", cursor, "the next_cursor of the page before"),
            Query.Number("limit", limit, 1, 200, 50));
        return Json(ListThreadsTool.Json(core.Host.List(filter)));
    }

    private async Task<ContentHttpResult> Get(
        string thread_id, HttpContext context,
        [Description("true to also return the event log.")] string? include_events = null,
        [Description("Seconds to wait while it runs, until it waits for somebody or ends; 0 unless said.")] string? wait_seconds = null)
    {
        var (thread, withEvents, seconds) = (Query.Thread(thread_id), Query.Flag("include_events", include_events), Query.Number("wait_seconds", wait_seconds, 0, 86_400, 0));
        return Show(await Wait(thread, seconds, context).ConfigureAwait(false), withEvents);
    }

    private async Task<ContentHttpResult> Answer(string thread_id, AnswerBody body, HttpContext context)
    {
        var thread = Query.Thread(thread_id);
        var who = RestAccess.Who(context);
        var whose = core.Access.OwnerOf(thread, who);
        var named = body.RequestId is null ? ((ThreadId, RequestId)?)null
            : RequestId.TryParse(body.RequestId, out var below, out var id) && (below == thread || core.Host.IsBelow(below, thread, whose)) ? (below, id)
            : throw new RefusedException(RefusalCode.RequestNotFound, $"'{body.RequestId}' is not a request of {thread}. The ids of its open requests are in the thread, under requests.");
        var (asking, request, owner) = core.Access.ToAnswer(thread, named, who);
        await core.Host.Answer(asking, RestAccess.Caller(context), request, body.Approved ?? (body.ApprovedWithChanges is null ? null : true),
            OptionalValue(body.Response), body.Comment, OptionalValue(body.ApprovedWithChanges), owner).ConfigureAwait(false);
        return Show(await core.Waiting.For(thread, whose, who, body.WaitSeconds, null, context.RequestAborted, answered: asking).ConfigureAwait(false));
    }

    private async Task<ContentHttpResult> Cancel(string thread_id, CancelBody? body, HttpContext context)
    {
        var thread = Query.Thread(thread_id);
        var owner = core.Access.Change(thread, RestAccess.Who(context), "cancel a thread");
        await core.Host.Cancel(thread, RestAccess.Caller(context), body?.Reason, owner).ConfigureAwait(false);
        return Show(core.Host.Get(thread, owner));
    }

    private async Task<ContentHttpResult> Fork(string thread_id, ForkBody body, HttpContext context)
    {
        var owner = core.Access.Fork(Query.Thread(thread_id), RestAccess.Who(context));
        var fork = await core.Host.Fork(Query.Thread(thread_id), body.AtVersion, RestAccess.Caller(context), owner).ConfigureAwait(false);
        return await Created(fork, body.WaitSeconds, context).ConfigureAwait(false);
    }

    private async Task<ContentHttpResult> Created(ThreadId thread, double? seconds, HttpContext context)
    {
        var log = await Wait(thread, seconds, context).ConfigureAwait(false);
        context.Response.Headers.Location = $"{RestApi.Root}/threads/{thread}";
        return Show(log, status: Status201Created);
    }

    private Task<ThreadLog> Wait(ThreadId thread, double? seconds, HttpContext context) =>
        core.Waiting.For(thread, core.Access.OwnerOf(thread, RestAccess.Who(context)), RestAccess.Who(context), seconds, null, context.RequestAborted);

    private ContentHttpResult Show(ThreadLog log, bool withEvents = false, int status = Status200OK) =>
        Json(ThreadResult.Of(core, log, withEvents), status);

    private static ContentHttpResult Json(JsonText json, int status = Status200OK) => TypedResults.Text(json.Text, "application/json; charset=utf-8", statusCode: status);

    internal static JsonText Value(JsonElement value)
    {
        try
        {
            return JsonText.From(value);
        }
        catch (JsonException e)
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"The body holds text that is no text: {e.Message}");
        }
    }

    internal static JsonText? OptionalValue(JsonElement? value) => value is { } given ? Value(given) : null;
}
