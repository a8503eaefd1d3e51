using AgentMcp.Agents.Microagents.Asking;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Rest;

/// <summary>Approvals as function calls, and function calls of other software that a person shall allow.</summary>
internal sealed class FunctionCallRoutes(Core core)
{
    private const string Tag = "function_calls";
    private readonly OutsideRequest _outside = new(core);

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/function_calls", Create)
            .Says("create_function_call", "Ask a person whether a function of yours may be called; whoever asks calls it, once status.approved is true", Tag,
                Status400BadRequest, Status409Conflict, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity)
            .Produces<FunctionCall>(Status201Created);
        api.MapGet("/function_calls/{call_id}", Get).Says("get_function_call", "Show an approval, open or answered", Tag, Status404NotFound).Produces<FunctionCall>();
        api.MapPost("/function_calls/{call_id}/respond", Respond)
            .Says("respond_to_function_call", "Approve or reject", Tag,
                Status400BadRequest, Status403Forbidden, Status404NotFound, Status409Conflict, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity)
            .Produces<FunctionCall>();
    }

    private async Task<JsonHttpResult<FunctionCall>> Create(FunctionCallRequest body, HttpContext context)
    {
        var spec = body.Spec;
        OutsideRequest.Check(spec.Channel, "reject_options", spec.RejectOptions);
        var input = OutsideRequest.Input(spec with { Kwargs = ThreadRoutes.Value(spec.Kwargs).Element(), State = ThreadRoutes.OptionalValue(spec.State)?.Element() }, RestJson.Sent.FunctionCallToAsk);
        var asked = await _outside.Ask(AskingAgents.FunctionCall, input, body.IdempotencyKey, context).ConfigureAwait(false);
        return Json(asked, Status201Created);
    }

    private JsonHttpResult<FunctionCall> Get(string call_id, HttpContext context) => Json(AskedRequest.Find(core, context, call_id, functionCall: true));

    // A prepared reason is a reason to reject, so choosing one says no.
    private async Task<JsonHttpResult<FunctionCall>> Respond(string call_id, FunctionCallAnswer body, HttpContext context) => Json(
        await AskedRequest.Find(core, context, call_id, functionCall: true).Answer(
            core, context, body.Approved ?? (body.ApprovedWithChanges is not null ? true : body.RejectOptionName is not null ? false : null),
            body.RejectOptionName is null ? null : JsonText.Of(body.RejectOptionName), body.Comment, ThreadRoutes.OptionalValue(body.ApprovedWithChanges)).ConfigureAwait(false));

    private JsonHttpResult<FunctionCall> Json(AskedRequest asked, int status = Status200OK) =>
        TypedResults.Json(asked.FunctionCall(core.Settings.Approvals), RestJson.Sent.FunctionCall, statusCode: status);
}
