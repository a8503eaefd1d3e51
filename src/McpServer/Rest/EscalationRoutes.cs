using System.Globalization;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Rest;

/// <summary>Telling further people of a request. It changes nothing about what is decided, or who may decide it.</summary>
internal sealed class EscalationRoutes(Core core)
{
    private const int LongestMessage = 500;

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/function_calls/{call_id}/escalate", FunctionCall).Says("escalate_function_call", "Tell further people of an action that waits", "function_calls", Problems).Produces<FunctionCall>();
        api.MapPost("/human_contacts/{call_id}/escalate", HumanContact).Says("escalate_human_contact", "Tell further people of a question", "human_contacts", Problems).Produces<HumanContact>();
    }

    private static ReadOnlySpan<int> Problems =>
        [Status400BadRequest, Status404NotFound, Status409Conflict, Status413PayloadTooLarge, Status415UnsupportedMediaType, Status422UnprocessableEntity];

    private async Task<JsonHttpResult<FunctionCall>> FunctionCall(string call_id, EscalationBody body, HttpContext context)
    {
        var asked = AskedRequest.Find(core, context, call_id, functionCall: true);
        await Escalate(asked, body, context).ConfigureAwait(false);
        return TypedResults.Json(asked.FunctionCall(core.Settings.Approvals), RestJson.Sent.FunctionCall);
    }

    private async Task<JsonHttpResult<HumanContact>> HumanContact(string call_id, EscalationBody body, HttpContext context)
    {
        var asked = AskedRequest.Find(core, context, call_id, functionCall: false);
        await Escalate(asked, body, context).ConfigureAwait(false);
        return TypedResults.Json(asked.HumanContact(core.Settings.Approvals), RestJson.Sent.HumanContact);
    }

    private async Task Escalate(AskedRequest asked, EscalationBody body, HttpContext context)
    {
        // Whoever may answer may tell others; and whoever asked.
        core.Access.ToAnswer(asked.Log.Thread.Id, (asked.Log.Thread.Id, asked.Id), RestAccess.Who(context));
        if (body.EscalationMsg.Length is 0 or > LongestMessage)
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"escalation_msg must have 1 to {LongestMessage} characters.");
        }

        var channels = core.Channels.All.Select(channel => channel.Name).Order(StringComparer.Ordinal).ToList();
        var channel = body.Channel ?? asked.Asked.Reach?.EscalateTo;
        if (channel is null || !channels.Contains(channel))
        {
            throw new RefusedException(RefusalCode.InvalidInput, channels.Count == 0
                ? "No channel is configured here, so nobody can be told. Configure one under channels in appsettings.json."
                : $"{(channel is null ? "Say which channel is to be told" : $"There is no channel '{channel}'")}: {string.Join(", ", channels)}.");
        }

        var request = asked.Id.In(asked.Log.Thread.Id);
        var wait = await core.Channels.Escalate(asked.Log.Thread.Id, asked.Id, channel, body.EscalationMsg).ConfigureAwait(false)
            ?? throw new RefusedException(RefusalCode.NothingPending, $"{request} is settled; there is nothing to escalate.");
        if (wait > TimeSpan.Zero)
        {
            var seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            throw new RefusedException(RefusalCode.LimitReached, $"{channel} was told of {request} less than a minute ago. Nothing was done; make the same request again in {seconds} seconds.");
        }
    }
}
