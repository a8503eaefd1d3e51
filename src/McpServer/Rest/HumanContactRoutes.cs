using AgentMcp.Agents.Microagents.Asking;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Rest;

/// <summary>Questions as human contacts, and questions of other software.</summary>
internal sealed class HumanContactRoutes(Core core)
{
    private const string Tag = "human_contacts";
    private readonly OutsideRequest _outside = new(core);

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/human_contacts", Create)
            .Says("create_human_contact", "Ask a person a question", Tag,
                Status400BadRequest, Status409Conflict, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity)
            .Produces<HumanContact>(Status201Created);
        api.MapGet("/human_contacts/{call_id}", Get).Says("get_human_contact", "Show a question, open or answered", Tag, Status404NotFound).Produces<HumanContact>();
        api.MapPost("/human_contacts/{call_id}/respond", Respond)
            .Says("respond_to_human_contact", "Answer a question", Tag,
                Status400BadRequest, Status403Forbidden, Status404NotFound, Status409Conflict, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity)
            .Produces<HumanContact>();
    }

    private async Task<JsonHttpResult<HumanContact>> Create(HumanContactRequest body, HttpContext context)
    {
        var spec = body.Spec;
        OutsideRequest.Check(spec.Channel, "response_options", spec.ResponseOptions);
        var input = OutsideRequest.Input(spec with { State = ThreadRoutes.OptionalValue(spec.State)?.Element() }, RestJson.Sent.HumanContactToAsk);
        var asked = await _outside.Ask(AskingAgents.HumanContact, input, body.IdempotencyKey, context).ConfigureAwait(false);
        return Json(asked, Status201Created);
    }

    private JsonHttpResult<HumanContact> Get(string call_id, HttpContext context) => Json(AskedRequest.Find(core, context, call_id, functionCall: false));

    private async Task<JsonHttpResult<HumanContact>> Respond(string call_id, HumanContactAnswer body, HttpContext context)
    {
        var contact = AskedRequest.Find(core, context, call_id, functionCall: false);
        var (approved, response) = Said(contact, body.ResponseOptionName, ThreadRoutes.OptionalValue(body.Response));
        return Json(await contact.Answer(core, context, approved, response).ConfigureAwait(false));
    }

    private (bool? Approved, JsonText? Response) Said(AskedRequest contact, string? option, JsonText? response) => (contact.Asked.Kind, option, response) switch
    {
        (_, null, _) => (null, response),
        (RequestKind.Budget, A2HView.GoOn, null) => (true, null),
        (RequestKind.Budget, A2HView.GoOn, { } guidance) => (null, guidance),
        (RequestKind.Budget, A2HView.Stop, null) => (false, null),
        (RequestKind.InDoubt, _, _) => (null, Outcome(option, response)),
        (RequestKind.Question, _, null) when contact.Asked.Options?.Any(known => known.Name == option) == true => (null, JsonText.Of(option)),
        (RequestKind.Question, _, not null) => throw contact.Missed(core, RefusalCode.InvalidResponse, "Give a response or the name of an option, not both. The request stays open."),
        _ => throw contact.Missed(core, RefusalCode.InvalidResponse, Unknown(contact, option)),
    };

    private string Unknown(AskedRequest contact, string option) =>
        contact.HumanContact(core.Settings.Approvals).Spec.ResponseOptions is { Count: > 0 } options
            ? $"'{option}' is no option that can be given so. The options are {string.Join(", ", options.Select(known => known.Name))}. The request stays open."
            : "This question has no options; answer it with a response. The request stays open.";

    private static JsonText Outcome(string outcome, JsonText? result) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("outcome", outcome);
        if (result is { } given)
        {
            writer.WritePropertyName("result");
            writer.WriteRawValue(given.Text);
        }

        writer.WriteEndObject();
    });

    private JsonHttpResult<HumanContact> Json(AskedRequest asked, int status = Status200OK) =>
        TypedResults.Json(asked.HumanContact(core.Settings.Approvals), RestJson.Sent.HumanContact, statusCode: status);
}
