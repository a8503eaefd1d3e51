using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>
/// Asks the other end of a session for what a thread waits for (a person by a form, its model by sampling) and holds the
/// call meanwhile. What was asked is taken back when its time is over, the call is stopped, the server stops, or somebody
/// answers elsewhere.
/// </summary>
internal sealed class SessionRequests(Core core)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);
    private int _shown;
    private int _named;

    /// <param name="asked">A request of the protocol, as it goes over the wire.</param>
    /// <param name="told">What the call has told of its progress.</param>
    /// <returns>Null when nobody answered; and who brought the answer: a session can outlive the key it was begun with.</returns>
    public async Task<(T? Said, Principal By)> Ask<T>(
        RequestContext<CallToolRequestParams> call, Asked asked, AgentThread thread, RequestId request, ToldProgress told, CancellationToken cancellation)
        where T : Result
    {
        try
        {
            return Interlocked.Increment(ref _shown) > core.Settings.MostWaiting ? (null, Principal.Of(call.User))
                : await Show<T>(call, asked, thread, request, told, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _shown);
        }
    }

    private async Task<(T? Said, Principal By)> Show<T>(
        RequestContext<CallToolRequestParams> call, Asked asked, AgentThread thread, RequestId request, ToldProgress told, CancellationToken cancellation)
        where T : Result
    {
        var message = new JsonRpcRequest
        {
            Id = new ModelContextProtocol.Protocol.RequestId($"ask-{Interlocked.Increment(ref _named)}"),
            Method = asked.Method,
            Params = asked.Parameters,
        };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, core.Stopping);
        over.CancelAfter(asked.AtMost);
        using var given = new CancellationTokenSource();
        var settled = Settled(thread, request, over.Token);
        var reply = call.Server.SendRequestAsync(message, given.Token);
        var alive = call.Params.ProgressToken is { } token ? ShowLife(call.Server, token, thread, asked.Whom, told, over.Token) : Task.CompletedTask;
        if (await Task.WhenAny(reply, settled).ConfigureAwait(false) != reply)
        {
            await TakeBack(call.Server, message, settled.IsCompletedSuccessfully ? "It was answered elsewhere." : "The time to answer is over.").ConfigureAwait(false);
            // To cancel it before it has ended would take it back a second time.
            await ((Task)reply).WaitAsync(LastWord, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var (filled, by) = reply.IsCompleted ? await Read<T>(reply).ConfigureAwait(false) : (null, null);
        await given.CancelAsync().ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reply, settled, alive).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        return settled.IsFaulted ? throw settled.Exception.InnerException! : (filled, Principal.Of(by ?? call.User));
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

    // People are slower than the time many clients give a call; hearing of progress, those begin to count anew. The next
    // event is one more than the version.
    private static async Task ShowLife(
        ModelContextProtocol.Server.McpServer client, ProgressToken token, AgentThread thread, string whom, ToldProgress told, CancellationToken over)
    {
        using var timer = new PeriodicTimer(SignOfLife);
        var signs = 0f;
        do
        {
            signs++;
            await client.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = told.Next(thread.Version + (signs / (signs + 1))), Message = $"{thread.Id} waits for {whom}" },
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
            core.Log.LogDebug("What was asked could not be taken back; whoever is gone shows nothing: {Reason}", e.Message);
        }
    }

    private async Task<(T? Said, ClaimsPrincipal? By)> Read<T>(Task<JsonRpcResponse> reply)
        where T : Result
    {
        try
        {
            var response = await reply.ConfigureAwait(false);
            return ((T?)response.Result.Deserialize(McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T))), response.Context?.User);
        }
        catch (Exception e) when (e is McpException or IOException or JsonException or OperationCanceledException or InvalidOperationException)
        {
            core.Log.LogDebug("What was asked was not shown, or brought no answer: {Reason}", e.Message);
            return (null, null);
        }
    }
}

/// <param name="AtMost">How long an answer is waited for.</param>
/// <param name="Whom">Who is waited for, in words.</param>
internal sealed record Asked(string Method, JsonNode? Parameters, TimeSpan AtMost, string Whom)
{
    public static Asked By<T>(string method, T parameters, TimeSpan atMost, string whom) =>
        new(method, JsonSerializer.SerializeToNode(parameters, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T))), atMost, whom);
}
