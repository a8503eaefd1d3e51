using System.Globalization;
using System.Threading.RateLimiting;
using AgentMcp.Server.Access;
using AgentMcp.Server.Rest;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Http;

/// <summary>
/// Bounds how often one principal calls. All whom nobody knows count as one: who need no key, and who show a proof of their
/// own, as pages and signed messages do. All who are refused for their key or token, or for having none, count as another
/// one, so that they hold up nobody else. A minute's worth may come at once; then it fills up again evenly.
/// </summary>
internal sealed class CallRate(int perMinute) : IDisposable
{
    private const string Unknown = "";

    // No name of a principal holds a control character.
    private const string Refused = "\n";

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(who =>
        RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = Math.Max(1, perMinute / 60),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1.0, 60.0 / perMinute)),
            QueueLimit = 0,
        }));

    public Task Check(HttpContext context, RequestDelegate next) =>
        Take(context.User.Identity is PrincipalIdentity { Principal.Id: var id } ? id : Unknown, context, next);

    /// <summary>The same for one who is not let in, before it is told so.</summary>
    public Task CheckRefused(HttpContext context, RequestDelegate refuse) => Take(Refused, context, refuse);

    public void Dispose() => _limiter.Dispose();

    private Task Take(string who, HttpContext context, RequestDelegate next)
    {
        // A token is used up and never given back, so the lease need not outlive the question.
        using var lease = _limiter.AttemptAcquire(who);
        return lease.IsAcquired ? next(context) : Refuse(context, lease);
    }

    private Task Refuse(HttpContext context, RateLimitLease lease)
    {
        var seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        return context.Response.WriteAsJsonAsync(
            RestErrors.ProblemOf(StatusCodes.Status429TooManyRequests, "limit_reached",
                $"At most {perMinute} requests a minute are taken from one principal. Nothing was done; make the same request again in {seconds} seconds. (Setting max_calls)"),
            RestJson.Sent.Problem, RestErrors.ContentType, context.RequestAborted);
    }
}
