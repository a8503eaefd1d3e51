using AgentMcp.Server.Protocol;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;

namespace AgentMcp.Server.Http;

/// <summary>
/// Reads what is posted to <c>/mcp</c> and refuses what is no message, in words; what is one goes on as it came. Without
/// this the SDK names its types in the answer, or breaks with a 500 where a name is no text or nobody said it is JSON.
/// </summary>
internal static class MessageBodies
{
    public static async Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        if (request.ContentType != "application/json" && !request.HasJsonContentType())
        {
            await Refuse(context, StatusCodes.Status415UnsupportedMediaType, McpErrorCode.InvalidRequest, "The body must be JSON: send it with Content-Type: application/json.").ConfigureAwait(false);
            return;
        }

        var body = request.ContentLength is > 0 and <= 1 << 20 and var length ? new MemoryStream((int)length) : new MemoryStream();
        await using (body.ConfigureAwait(false))
        {
            await request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            if (MessageText.Problem(body.GetBuffer().AsSpan(0, (int)body.Length)) is var (code, words))
            {
                await Refuse(context, StatusCodes.Status400BadRequest, code, words).ConfigureAwait(false);
                return;
            }

            body.Position = 0;
            request.Body = body;
            try
            {
                await next(context).ConfigureAwait(false);
            }
            catch (ArgumentException) when (!context.Response.HasStarted && MessageText.Twice(body.GetBuffer().AsMemory(0, (int)body.Length)) is { } twice)
            {
                await Refuse(context, StatusCodes.Status400BadRequest, McpErrorCode.InvalidRequest, twice).ConfigureAwait(false);
            }
        }
    }

    private static Task Refuse(HttpContext context, int status, McpErrorCode code, string words)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(MessageText.Error(code, words), context.RequestAborted);
    }
}
