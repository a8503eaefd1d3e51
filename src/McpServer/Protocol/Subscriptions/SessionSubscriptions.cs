using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// <c>resources/subscribe</c> and <c>resources/unsubscribe</c> of the protocols up to 2025-11-25, for each session. Over
/// HTTP the notifications go to the session's event stream; a client that opens none gets none.
/// </summary>
internal sealed class SessionSubscriptions(Core core, ThreadWatch threads, OpenSubscriptions open)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelContextProtocol.Server.McpServer> _servers = new(StringComparer.Ordinal);

    /// <summary>Learns of HTTP sessions and, above all, of their end: nothing else would ever end their subscriptions.</summary>
    public void FollowSessions(HttpServerTransportOptions http)
    {
#pragma warning disable MCPEXP002 // the only way to learn that a session has ended
        http.RunSessionHandler = (_, server, ended) => server.SessionId is { Length: > 0 } id ? Run(id, server, ended) : server.RunAsync(ended);
#pragma warning restore MCPEXP002
    }

    public ValueTask<EmptyResult> Subscribe(RequestContext<SubscribeRequestParams> request, CancellationToken cancellation)
    {
        var id = request.Server.SessionId ?? "";
        lock (_lock)
        {
            var principal = Principal.Of(request.User);
            var session = _sessions.TryGetValue(id, out var known) ? known : _sessions[id] = Begin(id, principal, request.Server);
            // A session outlives the key it was begun with: who asks now is who is told.
            session.Principal = principal;
            try
            {
                if (session.Uris.Add([request.Params.Uri], threads => core.SeenBy(principal, threads)).Count == 0)
                {
                    throw new McpProtocolException(
                        $"{request.Params.Uri} cannot be subscribed to. Threads can (thread://..., with /transcript or /output), where they exist, and {ThreadUris.Most} of them at once.",
                        McpErrorCode.ResourceNotFound);
                }
            }
            finally
            {
                EndIfEmpty(id, session);
            }
        }

        return ValueTask.FromResult(new EmptyResult());
    }

    public ValueTask<EmptyResult> Unsubscribe(RequestContext<UnsubscribeRequestParams> request, CancellationToken cancellation)
    {
        var id = request.Server.SessionId ?? "";
        lock (_lock)
        {
            if (_sessions.TryGetValue(id, out var session))
            {
                session.Uris.Remove(request.Params.Uri);
                EndIfEmpty(id, session);
            }
        }

        return ValueTask.FromResult(new EmptyResult());
    }

    private async Task Run(string id, ModelContextProtocol.Server.McpServer server, CancellationToken ended)
    {
        lock (_lock)
        {
            _servers[id] = server;
        }

        try
        {
            await server.RunAsync(ended).ConfigureAwait(false);
        }
        finally
        {
            End(id);
        }
    }

    private Session Begin(string id, Principal principal, ModelContextProtocol.Server.McpServer asking)
    {
        // Over pipes there is one session, which has no id. What began after its session ended would never end.
        var server = id.Length == 0 ? asking : _servers.GetValueOrDefault(id) ?? throw new McpProtocolException("This session has ended.", McpErrorCode.InvalidRequest);
        open.Take(principal.Id);
        return new(threads.Open(), server, core, principal, () => open.Release(principal.Id), over => EndIfOpen(id, over));
    }

    private void EndIfEmpty(string id, Session session)
    {
        if (session.Uris.IsEmpty)
        {
            _sessions.Remove(id);
            session.Dispose();
        }
    }

    // Else whoever subscribes next would be told yes, and never anything more.
    private void EndIfOpen(string id, Session session)
    {
        lock (_lock)
        {
            if (_sessions.TryGetValue(id, out var open) && open == session)
            {
                _sessions.Remove(id);
                session.Dispose();
            }
        }
    }

    private void End(string id)
    {
        lock (_lock)
        {
            _servers.Remove(id);
            if (_sessions.Remove(id, out var session))
            {
                session.Dispose();
            }
        }
    }

    private sealed class Session : IDisposable
    {
        private readonly CancellationTokenSource _ended;
        private readonly Watch _watch;
        private readonly Action _release;
        private volatile Principal _principal;

        public Session(Watch watch, ModelContextProtocol.Server.McpServer client, Core core, Principal principal, Action release, Action<Session> over)
        {
            (_watch, _release, _principal) = (watch, release, principal);
            _ended = CancellationTokenSource.CreateLinkedTokenSource(core.Stopping);
            Uris = new(watch, thread => core.Below(thread, _principal), thread => core.Sees(_principal, thread));
            var ended = _ended.Token;
            _ = Task.Run(() => Tell(client, core.Log, over, ended));
        }

        /// <summary>Who is told.</summary>
        public Principal Principal { set => _principal = value; }

        public ThreadUris Uris { get; }

        public void Dispose()
        {
            _watch.Dispose();
            _release();
            _ended.Cancel();
            _ended.Dispose();
        }

        private async Task Tell(ModelContextProtocol.Server.McpServer client, ILogger log, Action<Session> over, CancellationToken ended)
        {
            try
            {
                while (true)
                {
                    foreach (var uri in (await _watch.Next(ended).ConfigureAwait(false)).Threads.SelectMany(Uris.Of).Distinct())
                    {
                        await client.SendNotificationAsync(NotificationMethods.ResourceUpdatedNotification, new ResourceUpdatedNotificationParams { Uri = uri },
                            cancellationToken: ended).ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e)
            {
                // Nobody awaits this; a client that is gone ends its own subscriptions and nothing else.
                log.Log(ended.IsCancellationRequested ? LogLevel.Debug : LogLevel.Warning, "The subscriptions of a session have ended: {Reason}", e.Message);
                over(this);
            }
        }
    }
}
