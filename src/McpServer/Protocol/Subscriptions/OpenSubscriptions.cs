using System.Collections.Concurrent;
using ModelContextProtocol;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// How many subscriptions each principal has open: streams of 2026-07-28, and sessions before it that have subscribed to
/// something. Each holds a connection and a watch. Thread-safe.
/// </summary>
internal sealed class OpenSubscriptions(int most)
{
    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <exception cref="McpProtocolException">It would be one too many; nothing is taken.</exception>
    public void Take(string who)
    {
        if (_open.AddOrUpdate(who, 1, (_, open) => open + 1) > most)
        {
            Release(who);
            throw new McpProtocolException($"{who} has {most} subscriptions, the most one may have; end one first. (Setting max_subscriptions)", McpErrorCode.InvalidRequest);
        }
    }

    public void Release(string who)
    {
        // Nobody who ends one leaves anything behind.
        if (_open.AddOrUpdate(who, 0, (_, open) => open - 1) == 0)
        {
            _open.TryRemove(new(who, 0));
        }
    }
}
