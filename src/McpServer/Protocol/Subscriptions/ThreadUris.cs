using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>The <c>thread://</c> resources a client follows. Another principal's are not there, like those nobody has.</summary>
internal sealed class ThreadUris(Watch watch)
{
    /// <summary>The most resources of one subscription; each is looked at every <see cref="ThreadWatch.Glance"/>.</summary>
    public const int Most = 256;

    private const string Scheme = "thread://";
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, List<string>> _uris = [];
    private int _count;

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <returns>Those that can be followed, in the order in which they were asked for.</returns>
    public IReadOnlyList<string> Add(IEnumerable<string> uris, ThreadIndex index, string principal)
    {
        var named = uris.Distinct(StringComparer.Ordinal).Select(uri => (Uri: uri, Thread: ThreadIn(uri)))
            .Where(named => named.Thread is not null).Take(Most).Select(named => (named.Uri, Thread: named.Thread!.Value)).ToList();
        var versions = index.VersionsOf(named.Select(found => found.Thread).Distinct(), principal);
        return [.. named.Where(found => versions.TryGetValue(found.Thread, out var version) && Add(found.Uri, found.Thread, version)).Select(found => found.Uri)];
    }

    public void Remove(string uri)
    {
        lock (_lock)
        {
            if (ThreadIn(uri) is not { } thread || !_uris.TryGetValue(thread, out var uris) || !uris.Remove(uri))
            {
                return;
            }

            _count--;
            if (uris.Count == 0)
            {
                _uris.Remove(thread);
                watch.Forget(thread);
            }
        }
    }

    public IReadOnlyList<string> Of(ThreadId thread)
    {
        lock (_lock)
        {
            return _uris.TryGetValue(thread, out var uris) ? [.. uris] : [];
        }
    }

    private bool Add(string uri, ThreadId thread, int version)
    {
        lock (_lock)
        {
            var uris = _uris.TryGetValue(thread, out var known) ? known : [];
            if (uris.Contains(uri))
            {
                return true;
            }

            if (_count == Most)
            {
                return false;
            }

            _count++;
            uris.Add(uri);
            _uris[thread] = uris;
            watch.Follow(thread, version);
            return true;
        }
    }

    private static ThreadId? ThreadIn(string uri)
    {
        var parts = uri.StartsWith(Scheme, StringComparison.Ordinal) ? uri[Scheme.Length..].Split('/') : [];
        return parts is [_] or [_, "transcript" or "output"] && ThreadId.TryParse(parts[0], out var thread) ? thread : null;
    }
}
