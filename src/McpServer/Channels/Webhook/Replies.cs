using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Channels.Webhook;

/// <summary>What a sender of signed messages is told.</summary>
internal static class Replies
{
    public static int Status(RefusalCode code) => code switch
    {
        RefusalCode.RequestNotFound or RefusalCode.ThreadNotFound => StatusCodes.Status404NotFound,
        RefusalCode.HumanRequired or RefusalCode.Forbidden => StatusCodes.Status403Forbidden,
        RefusalCode.AlreadyAnswered or RefusalCode.NothingPending or RefusalCode.ThreadEnded => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    public static Task Send(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("status", code);
            writer.WriteString("message", message);
            writer.WriteEndObject();
        }).Text, context.RequestAborted);
    }
}
