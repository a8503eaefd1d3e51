using System.Globalization;
using System.Threading.RateLimiting;
using AgentMcp.Server.Access;
using AgentMcp.Server.Rest;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Http;

/// <summary>
/// Bounds how often one principal calls. Whoever shows no key or token counts as one, and so do all who sign what they
/// send. A minute's worth may come at once; then it fills up again evenly.
/// </summary>
internal sealed class CallRate(int perMinute) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetTokenBucketLimiter(context.User.Identity is PrincipalIdentity { Principal.Id: var id } ? id : "", _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = Math.Max(1, perMinute / 60),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1.0, 60.0 / perMinute)),
            QueueLimit = 0,
        }));

    public Task Check(HttpContext context, RequestDelegate next)
    {
        // A token is used up and never given back, so the lease need not outlive the question.
        using var lease = _limiter.AttemptAcquire(context);
        return lease.IsAcquired ? next(context) : Refuse(context, lease);
    }

    public void Dispose() => _limiter.Dispose();

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
