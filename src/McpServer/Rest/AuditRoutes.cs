using System.ComponentModel;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Rest;

/// <summary>Who did what, for whoever may see everything: JSON lines, sent as they are read.</summary>
internal sealed class AuditRoutes(Core core) : IDisposable
{
    public const string JsonLines = "application/jsonl";

    // Each reads the whole trail, and holds on to the database as it was while it does.
    private const int MostReaders = 2;
    private const int Stretch = 200;
    private readonly AuditTrail _trail = new(core.Database);
    private readonly SemaphoreSlim _readers = new(MostReaders);

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/audit", Send)
            .Says("audit", "Read who did what, oldest first, as JSON lines", "audit", Status403Forbidden, Status422UnprocessableEntity)
            .WithDescription("Of each action when, who and through what; of a thread's also which, and what was decided. The line of an answer holds under asked the tool, arguments and digest it was about.")
            .Produces<string>(Status200OK, JsonLines);

    public void Dispose() => _readers.Dispose();

    private async Task Send(HttpContext context, [Description("Only what was done since: a time such as 2026-05-04T10:00:00Z, or how long ago, such as 7d.")] string? since = null)
    {
        var who = RestAccess.Who(context);
        AccessRules.Require(who, Roles.Admin, "read the audit trail");
        if (!who.SeesAll)
        {
            throw new RefusedException(RefusalCode.Forbidden, $"The audit trail tells of all agents, and you are {who.Id} with {who.RolesText} for {string.Join(", ", who.Agents!)} only.");
        }

        var from = AuditLines.Since(since, core.Clock.GetUtcNow()) ?? throw Query.Bad("since", since!, AuditLines.SinceForm);
        if (!_readers.Wait(0, CancellationToken.None))
        {
            throw new RefusedException(RefusalCode.Busy, $"{MostReaders} readers read the audit trail already. Try again when one has ended.");
        }

        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, core.Stopping);
            context.Response.ContentType = JsonLines;
            foreach (var lines in _trail.Since(from).Chunk(Stretch))
            {
                await context.Response.WriteAsync(string.Concat(lines.Select(line => AuditLines.Json(line) + "\n")), ended.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            _readers.Release();
        }
    }
}
