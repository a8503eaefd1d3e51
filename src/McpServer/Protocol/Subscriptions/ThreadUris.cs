using AgentMcp.Server.Access;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// The <c>thread://</c> resources a client follows. Another principal's are not there, like those nobody has. Whoever
/// follows a thread is also told when only a thread moves that it waits for: what it waits for may be another thing then.
/// </summary>
/// <param name="below">The threads that a thread waits for, and what those wait for; null to follow none.</param>
/// <param name="sees">Whether a thread is still there for whoever follows it; null where each always is.</param>
internal sealed class ThreadUris(Watch watch, Func<ThreadId, IEnumerable<AgentThread>>? below = null, Func<ThreadId, bool>? sees = null)
{
    /// <summary>The most resources of one subscription; each is looked at every <see cref="ThreadWatch.Glance"/>.</summary>
    public const int Most = 256;

    private const string Scheme = "thread://";
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, List<string>> _uris = [];
    private readonly Dictionary<ThreadId, HashSet<ThreadId>> _above = [];
    private int _count;

    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <returns>Those that can be followed, in the order in which they were asked for.</returns>
    public IReadOnlyList<string> Add(IEnumerable<string> uris, Func<IEnumerable<ThreadId>, IReadOnlyDictionary<ThreadId, int>> versionsOf)
    {
        var named = uris.Distinct(StringComparer.Ordinal).Select(uri => (Uri: uri, Thread: ThreadIn(uri)))
            .Where(named => named.Thread is not null).Take(Most).Select(named => (named.Uri, Thread: named.Thread!.Value)).ToList();
        var versions = versionsOf(named.Select(found => found.Thread).Distinct());
        List<string> added = [.. named.Where(found => versions.TryGetValue(found.Thread, out var version) && Add(found.Uri, found.Thread, version)).Select(found => found.Uri)];
        foreach (var thread in named.Select(found => found.Thread).Where(versions.ContainsKey).Distinct())
        {
            OrLater(thread, () => FollowBelow(thread));
        }

        return added;
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
                LetGoOf(thread);
            }
        }
    }

    // With it goes what was followed for being below it. What another followed thread waits for is followed on, this one as well.
    private void LetGoOf(ThreadId thread)
    {
        foreach (var (one, above) in _above.ToList())
        {
            if (above.Remove(thread) && above.Count == 0)
            {
                _above.Remove(one);
                ForgetUnlessFollowed(one);
            }
        }

        ForgetUnlessFollowed(thread);
    }

    private void ForgetUnlessFollowed(ThreadId thread)
    {
        if (!_uris.ContainsKey(thread) && !_above.ContainsKey(thread))
        {
            watch.Forget(thread);
        }
    }

    /// <summary>What there is to tell when this thread has moved. What it waits for now is followed from now on.</summary>
    public IReadOnlyList<string> Of(ThreadId thread)
    {
        List<string> uris = [];
        return OrLater(thread, () => uris = Now(thread)) ? uris : [];
    }

    private List<string> Now(ThreadId thread)
    {
        List<ThreadId> followed;
        lock (_lock)
        {
            followed = [.. new[] { thread }.Concat(_above.GetValueOrDefault(thread) ?? []).Where(_uris.ContainsKey)];
        }

        // One that was seen for what it asked is there no more once somebody else has answered, and is again when it asks again.
        followed.RemoveAll(one => sees?.Invoke(one) == false);
        List<string> uris = [];
        lock (_lock)
        {
            // Only the thread itself shows what it waits for; its transcript and output are its own.
            uris.AddRange(followed.SelectMany(one => (_uris.GetValueOrDefault(one) ?? []).Where(uri => one == thread || uri.Count(c => c == '/') == 2)));
        }

        followed.ForEach(FollowBelow);
        return [.. uris.Distinct()];
    }

    // What cannot be read now can be in a moment; a subscription that ended over it would be taken for one where nothing moves.
    private bool OrLater(ThreadId thread, Action act)
    {
        try
        {
            act();
            return true;
        }
        catch (DatabaseException)
        {
            watch.Missed(thread);
            return false;
        }
    }

    private void FollowBelow(ThreadId thread)
    {
        lock (_lock)
        {
            if (!_uris.ContainsKey(thread))
            {
                return;
            }
        }

        foreach (var one in below?.Invoke(thread) ?? [])
        {
            lock (_lock)
            {
                // It can have been let go of while that was read.
                if (_uris.ContainsKey(thread))
                {
                    (_above.TryGetValue(one.Id, out var above) ? above : _above[one.Id] = []).Add(thread);
                    watch.Follow(one.Id, one.Version);
                }
            }
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
