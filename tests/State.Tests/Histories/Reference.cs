using System.Collections.Immutable;
using AgentMcp.State.Sqlite;

namespace AgentMcp.State.Tests.Histories;

/// <summary>
/// What a database must be like, in as few lines as it can be said: logs that only grow, one lease a thread, and keys.
/// Nothing here knows of files, transactions or crashes. Threads, keys and processes are numbers.
/// </summary>
/// <param name="Logs">The events of each thread, as they are stored.</param>
/// <param name="Holders">Who holds the lease of a thread.</param>
/// <param name="Expires">Until when the leases of a process hold.</param>
/// <param name="Dead">Processes that are gone.</param>
internal sealed record Reference(
    ImmutableSortedDictionary<int, ImmutableList<string>> Logs, ImmutableSortedDictionary<int, int> Holders,
    ImmutableSortedDictionary<int, long> Expires, ImmutableSortedDictionary<string, int> Keys, ImmutableHashSet<int> Dead)
{
    private static readonly long Lifetime = (long)Owner.Lifetime.TotalMilliseconds;

    public static Reference Empty { get; } = new(
        ImmutableSortedDictionary<int, ImmutableList<string>>.Empty, ImmutableSortedDictionary<int, int>.Empty,
        ImmutableSortedDictionary<int, long>.Empty, ImmutableSortedDictionary<string, int>.Empty, []);

    public (Reference Then, int Thread) Start(int thread, ImmutableList<string> log, string? key, int process, long now) =>
        key is not null && Keys.TryGetValue(key, out var known) ? (this, known)
            : ((this with { Logs = Logs.Add(thread, log), Keys = key is null ? Keys : Keys.Add(key, thread) }).Taken(thread, process, now), thread);

    /// <param name="read">The version it was decided on.</param>
    /// <param name="leased">Whether it is done under the lease this process once took.</param>
    public (Reference Then, Type? Refusal) Append(int thread, int read, IReadOnlyList<string> events, bool leased, LeaseUse then, int process, long now) =>
        leased && Holders.GetValueOrDefault(thread, -1) != process ? (this, typeof(LeaseLostException))
            : (events.Count > 0 || then == LeaseUse.Take) && Logs[thread].Count != read ? (this, typeof(ConflictException))
            : ((this with { Logs = Logs.SetItem(thread, Logs[thread].AddRange(events)) }).After(then, thread, process, now), null);

    public Reference Renewed(int process, long now)
    {
        var expires = Expires.SetItem(process, now + Lifetime);
        return this with { Expires = expires.RemoveRange(expires.Where(one => one.Value < now && !Holders.ContainsValue(one.Key)).Select(one => one.Key)) };
    }

    /// <summary>Whether somebody alive runs it, as far as this process can tell by its clock.</summary>
    public bool IsHeld(int thread, int by, long now) =>
        Holders.TryGetValue(thread, out var holder) && (holder == by || (!Dead.Contains(holder) && Expires.GetValueOrDefault(holder) > now));

    public string Told() => string.Join('\n', [
        .. Logs.Select(log => $"thread {log.Key}, held by {(Holders.TryGetValue(log.Key, out var holder) ? holder : "nobody")}:\n  {string.Join("\n  ", log.Value)}"),
        .. Keys.Select(key => $"key {key.Key}: thread {key.Value}"), .. Expires.Select(one => $"process {one.Key} until {one.Value}")]);

    private Reference After(LeaseUse then, int thread, int process, long now) => then switch
    {
        LeaseUse.Take => Taken(thread, process, now),
        LeaseUse.Release or LeaseUse.Revoke => this with { Holders = Holders.Remove(thread) },
        _ => this,
    };

    private Reference Taken(int thread, int process, long now)
    {
        if (IsHeld(thread, process, now))
        {
            return this;
        }

        var isFresh = !Holders.ContainsKey(thread) && Expires.GetValueOrDefault(process) > now + (Lifetime / 2);
        var free = this with { Holders = Holders.Remove(thread) };
        var renewed = isFresh ? free : free.Renewed(process, now);
        return renewed with { Holders = renewed.Holders.SetItem(thread, process) };
    }
}
