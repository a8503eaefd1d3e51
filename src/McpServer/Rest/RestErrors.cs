using System.Text.Json;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace AgentMcp.Server.Rest;

/// <summary>Around every route: lets in who may come in, and turns whatever goes wrong into one shape of problem (RFC 9457).</summary>
internal sealed class RestErrors(RestAccess access)
{
    public const string ContentType = "application/problem+json";

    /// <summary>In how many seconds to come again, where there is no room for the moment.</summary>
    public const string Soon = "5";

    private const string Unusable = "The body is missing, or a parameter is not of its type. /openapi/v1.json says what is expected.";
    private const string NotJson = "The body must be JSON: send it with Content-Type: application/json.";

    public async Task Guard(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            if (access.Problem(context.Request) is { } how)
            {
                response.Headers.WWWAuthenticate = "Bearer";
                await Send(context, StatusCodes.Status401Unauthorized, "unauthorized", how).ConfigureAwait(false);
                return;
            }

            await next(context).ConfigureAwait(false);
            if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            {
                await Send(context, response.StatusCode, CodeOf(response.StatusCode), Unrouted(context)).ConfigureAwait(false);
            }
        }
        catch (MissedException e) when (!response.HasStarted)
        {
            await Send(context, e.Problem).ConfigureAwait(false);
        }
        catch (RefusedException e) when (!response.HasStarted)
        {
            if (e.Code == RefusalCode.Busy)
            {
                response.Headers.RetryAfter = Soon;
            }

            await Send(context, StatusOf(e.Code), WireName.Of(e.Code), e.Message).ConfigureAwait(false);
        }
        catch (DatabaseException e) when (!response.HasStarted)
        {
            await Send(context, StatusOf(RefusalCode.Unavailable), WireName.Of(RefusalCode.Unavailable), e.Message).ConfigureAwait(false);
        }
        catch (InvalidDataException e) when (!response.HasStarted)
        {
            await Send(context, StatusOf(RefusalCode.Unavailable), WireName.Of(RefusalCode.Unavailable), $"The thread's log cannot be read. {e.Message}").ConfigureAwait(false);
        }
        catch (BadHttpRequestException e) when (!response.HasStarted)
        {
            await Send(context, e.StatusCode, CodeOf(e.StatusCode), e.StatusCode switch
            {
                StatusCodes.Status415UnsupportedMediaType => NotJson,
                StatusCodes.Status400BadRequest when e.InnerException is JsonException json => UnreadableJson.Say(json, "The body", " /openapi/v1.json lists those that are."),
                StatusCodes.Status400BadRequest => Unusable,
                StatusCodes.Status413PayloadTooLarge => TooLarge(context),
                _ => e.Message,
            }).ConfigureAwait(false);
        }
    }

    public static int StatusOf(RefusalCode code) => code switch
    {
        RefusalCode.ThreadNotFound or RefusalCode.RequestNotFound or RefusalCode.AgentNotFound => StatusCodes.Status404NotFound,
        RefusalCode.AlreadyAnswered or RefusalCode.NothingPending or RefusalCode.RequestAmbiguous or RefusalCode.ThreadEnded
            or RefusalCode.ThreadBusy or RefusalCode.IdempotencyConflict => StatusCodes.Status409Conflict,
        RefusalCode.HumanRequired or RefusalCode.Forbidden => StatusCodes.Status403Forbidden,
        RefusalCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        RefusalCode.LimitReached => StatusCodes.Status429TooManyRequests,
        RefusalCode.Unavailable or RefusalCode.Busy => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    public static Problem ProblemOf(int status, string code, string detail) =>
        new("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, code);

    private static Task Send(HttpContext context, int status, string code, string detail) => Send(context, ProblemOf(status, code, detail));

    private static Task Send(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        return context.Response.WriteAsJsonAsync(problem, RestJson.Sent.Problem, ContentType, context.RequestAborted);
    }

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => "not_found",
        StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
        StatusCodes.Status413PayloadTooLarge => WireName.Of(RefusalCode.TooLarge),
        StatusCodes.Status415UnsupportedMediaType => "unsupported_media_type",
        _ => WireName.Of(RefusalCode.InvalidInput),
    };

    private static string Unrouted(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}.",
        StatusCodes.Status413PayloadTooLarge => TooLarge(context),
        StatusCodes.Status415UnsupportedMediaType => NotJson,
        StatusCodes.Status400BadRequest => Unusable,
        _ => $"There is nothing at {context.Request.Path}. /openapi/v1.json lists everything there is.",
    };

    private static string TooLarge(HttpContext context) =>
        $"The body is too large; at most {context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize} bytes are taken.";
}

/// <summary>An answer that does not fit its request, told together with the request, which is open still.</summary>
internal sealed class MissedException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
