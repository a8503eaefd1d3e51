using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Http;

/// <summary>
/// <c>/healthz</c>: the process answers. <c>/readyz</c>: it can take work. For whoever watches the process, so without a
/// sign-in and under any Host; one word and nothing of what is in the database.
/// </summary>
internal sealed class Health(Core core)
{
    // Whoever asks more often gets the last answer: a check writes, and anybody may ask.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<bool> _check = Task.FromResult(false);
    private long? _checked;

    public Task Answer(HttpContext context, RequestDelegate next) =>
        context.Request.Path.Value is "/healthz" or "/readyz" ? Answer(context) : next(context);

    private async Task Answer(HttpContext context)
    {
        var trouble = context.Request.Path == "/readyz" ? await Trouble().ConfigureAwait(false) : null;
        context.Response.StatusCode = trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync($$"""{"status":"{{trouble ?? "ok"}}"}""").ConfigureAwait(false);
    }

    private async Task<string?> Trouble() =>
        core.IsDraining ? "stopping"
            : !core.HasRecovered ? "starting"
            : await IsWritable().ConfigureAwait(false) ? null : "database";

    private async Task<bool> IsWritable()
    {
        Task<bool> check;
        lock (_gate)
        {
            if (_check.IsCompleted && (_checked is not { } at || core.Clock.GetElapsedTime(at) > Fresh))
            {
                (_check, _checked) = (Task.Run(core.Database.IsUsable), core.Clock.GetTimestamp());
            }

            check = _check;
        }

        // One check at a time: where the file is locked for long, all who ask wait for the same one, and not for long.
        return await Task.WhenAny(check, Task.Delay(Patience, core.Clock)).ConfigureAwait(false) == check && await check.ConfigureAwait(false);
    }
}
