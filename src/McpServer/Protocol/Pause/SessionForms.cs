using System.Text.Json;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>
/// Shows a form to the person at the other end of a session and holds the call meanwhile. It is taken back when its
/// time is over, the call is stopped, the server stops, or somebody answers elsewhere.
/// </summary>
internal sealed class SessionForms(Core core)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);
    private int _shown;
    private int _named;

    /// <summary>Null when nobody answered in it.</summary>
    public async Task<ElicitResult?> Ask(
        RequestContext<CallToolRequestParams> call, ElicitRequestParams form, AgentThread thread, RequestId request, CancellationToken cancellation)
    {
        try
        {
            return Interlocked.Increment(ref _shown) > core.Settings.MostWaiting ? null
                : await Show(call, form, thread, request, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _shown);
        }
    }

    private async Task<ElicitResult?> Show(
        RequestContext<CallToolRequestParams> call, ElicitRequestParams form, AgentThread thread, RequestId request, CancellationToken cancellation)
    {
        var message = new JsonRpcRequest
        {
            Id = new ModelContextProtocol.Protocol.RequestId($"form-{Interlocked.Increment(ref _named)}"),
            Method = RequestMethods.ElicitationCreate,
            Params = JsonSerializer.SerializeToNode(form, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ElicitRequestParams))),
        };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, core.Stopping);
        over.CancelAfter(core.Settings.FormTimeout);
        using var given = new CancellationTokenSource();
        var settled = Settled(thread, request, over.Token);
        var reply = call.Server.SendRequestAsync(message, given.Token);
        var alive = call.Params.ProgressToken is { } token ? ShowLife(call.Server, token, thread, over.Token) : Task.CompletedTask;
        if (await Task.WhenAny(reply, settled).ConfigureAwait(false) != reply)
        {
            await TakeBack(call.Server, message, settled.IsCompletedSuccessfully ? "It was answered elsewhere." : "The time to answer is over.").ConfigureAwait(false);
        }

        var filled = reply.IsCompleted ? await Read(reply).ConfigureAwait(false) : null;
        await given.CancelAsync().ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reply, settled, alive).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        return settled.IsFaulted ? throw settled.Exception.InnerException! : filled;
    }

    // Another process may answer, so the database is asked; the whole log is read only when the thread moved.
    private async Task Settled(AgentThread thread, RequestId request, CancellationToken over)
    {
        for (var known = thread.Version; ;)
        {
            if (core.Index.VersionOf(thread.Id) is var version && version != known)
            {
                known = version;
                if (core.Host.Get(thread.Id, thread.Start.Principal).Thread.OpenRequests.All(open => open.Id != request))
                {
                    return;
                }
            }

            await Task.Delay(Glance, over).ConfigureAwait(false);
        }
    }

    // People are slower than the time many clients give a call; hearing of progress, those begin to count anew. What is
    // reported has to grow, and the next event is one more than the version.
    private static async Task ShowLife(ModelContextProtocol.Server.McpServer client, ProgressToken token, AgentThread thread, CancellationToken over)
    {
        using var timer = new PeriodicTimer(SignOfLife);
        var told = 0f;
        do
        {
            told++;
            await client.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = thread.Version + (told / (told + 1)), Message = $"{thread.Id} waits for a person" },
                cancellationToken: over).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(over).ConfigureAwait(false));
    }

    // The SDK does not tell the client of a request that was given up, so it is told here. That also ends the wait for it.
    private async Task TakeBack(ModelContextProtocol.Server.McpServer client, JsonRpcRequest message, string reason)
    {
        using var briefly = new CancellationTokenSource(LastWord);
        try
        {
            await client.SendNotificationAsync(NotificationMethods.CancelledNotification,
                new CancelledNotificationParams { RequestId = message.Id, Reason = reason }, cancellationToken: briefly.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            core.Log.LogDebug("A form could not be taken back; whoever is gone shows none: {Reason}", e.Message);
        }
    }

    private async Task<ElicitResult?> Read(Task<JsonRpcResponse> reply)
    {
        try
        {
            var response = await reply.ConfigureAwait(false);
            return (ElicitResult?)response.Result.Deserialize(McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ElicitResult)));
        }
        catch (Exception e) when (e is McpException or IOException or JsonException or OperationCanceledException or InvalidOperationException)
        {
            core.Log.LogDebug("A form was not shown, or brought no answer: {Reason}", e.Message);
            return null;
        }
    }
}
