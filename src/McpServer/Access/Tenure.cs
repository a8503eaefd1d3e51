using System.Collections.Concurrent;
using AgentMcp.State.Sqlite;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Access;

/// <summary>
/// Cuts off what is still open when a key is revoked or a token expires: streams and calls that wait would otherwise go
/// on for as long as their client likes. Another process may have revoked the key, so the database is asked.
/// </summary>
internal sealed class Tenure(KeyRing keys, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<Guest, Principal> _inside = new();

    /// <summary>For as long as the request lasts.</summary>
    public IDisposable Hold(Principal who, HttpContext context)
    {
        var guest = new Guest(context, _inside);
        _inside[guest] = who;
        return guest;
    }

    public async Task Watch(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Glance, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false))
            {
                Look();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            logger.LogDebug("Nobody is watched any more");
        }
    }

    internal void Look()
    {
        try
        {
            foreach (var guests in _inside.GroupBy(one => (one.Value.Key, one.Value.Until)))
            {
                if (guests.Key.Until <= clock.GetUtcNow() || (guests.Key.Key is { } key && keys.ById(key) is null))
                {
                    foreach (var (guest, who) in guests)
                    {
                        logger.LogInformation("A request of {Principal} is cut off: what it showed no longer holds", who.Id);
                        guest.CutOff();
                    }
                }
            }
        }
        catch (DatabaseException e)
        {
            // Whoever cannot be looked up now is looked up at the next glance; nobody new gets in meanwhile either.
            logger.LogWarning("Whether keys still hold cannot be read: {Reason}", e.Message);
        }
    }

    private sealed class Guest(HttpContext context, ConcurrentDictionary<Guest, Principal> inside) : IDisposable
    {
        private readonly Lock _leaving = new();
        private bool _left;

        public void CutOff()
        {
            lock (_leaving)
            {
                // By then its context may serve the next request of its connection.
                if (!_left)
                {
                    context.Abort();
                }
            }
        }

        public void Dispose()
        {
            inside.TryRemove(this, out _);
            lock (_leaving)
            {
                _left = true;
            }
        }
    }
}
