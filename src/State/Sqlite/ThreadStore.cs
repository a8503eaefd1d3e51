using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// The log of every thread. An append succeeds if nobody appended since the caller read, and if the caller still
/// holds the lease it names; both are checked where they are written. Thread-safe, and safe between processes.
/// </summary>
public sealed partial class ThreadStore(Database database, Owner owner) : IDisposable
{
    private readonly GroupCommit _commits = new(database);

    /// <summary>Called after a commit, on a thread of the pool, for whoever waits for this thread to move.</summary>
    public event Action<ThreadId, int>? Appended;

    /// <summary>Called after a commit with the log, and how many events at its end are new: of a copy, the one that says so.</summary>
    public event Action<ThreadLog, int>? Stored;

    public Owner Owner => owner;

    public LogBounds Bounds { get; init; } = new();

    /// <summary>Calls that have something under way elsewhere.</summary>
    public Relays Relays => field ??= new(database, _commits);

    internal GroupCommit Commits => _commits;

    public StoredResults Results { get; } = new(database);

    /// <summary>Starts a thread, or finds the one the same caller started with the same key.</summary>
    /// <param name="takeLease">Whether this process goes on to run it.</param>
    /// <exception cref="RefusedException">The key stands for another call.</exception>
    public Task<Started> Start(ThreadId id, ThreadStarted started, string? idempotencyKey, bool takeLease) =>
        Start(ThreadLog.Of(id, [started]), idempotencyKey, takeLease);

    /// <inheritdoc cref="Start(ThreadId, ThreadStarted, string?, bool)"/>
    /// <param name="log">The start, and what followed from it at once.</param>
    /// <param name="cause">What is used up by starting it.</param>
    /// <exception cref="UsedUpException">The cause was used up by somebody else; no thread was started.</exception>
    /// <param name="admit">Refuses one more; not asked about a repeated call.</param>
    public async Task<Started> Start(ThreadLog log, string? idempotencyKey, bool takeLease, Cause? cause = null, Action? admit = null)
    {
        var (id, started) = (log.Thread.Id, log.Thread.Start);
        var rows = Serialized(log.Events);
        var result = await _commits.Run(session =>
        {
            if (idempotencyKey is not null && IdempotencyKeys.Find(session, started, idempotencyKey) is { } known)
            {
                return new Started(known, IsNew: false, Lease: null);
            }

            admit?.Invoke();
            Write(session, log, rows, cause);
            if (idempotencyKey is not null)
            {
                IdempotencyKeys.Write(session, started, idempotencyKey, id);
            }

            return new Started(id, IsNew: true, takeLease ? Leases.Take(session, owner, id, started.At) : null);
        }).ConfigureAwait(false);
        if (result.IsNew)
        {
            Keep(log, rows);
        }

        Appended?.Invoke(result.Id, result.IsNew ? log.Thread.Version : 1);
        Stored?.Invoke(log, result.IsNew ? log.Thread.Version : 0);
        return result;
    }

    /// <summary>Appends what the decider decided. <paramref name="then"/> says what becomes of the lease in the same commit.</summary>
    /// <param name="now">Needed to take the lease without an event: who is alive is a question about now, not about the log.</param>
    /// <returns>The log with the events in it; the lease where one was taken.</returns>
    /// <exception cref="ConflictException">Somebody else appended first. Read again and decide again.</exception>
    /// <exception cref="LeaseLostException">The thread was taken over by another process, or cancelled.</exception>
    public async Task<(ThreadLog Log, Lease? Lease)> Append(
        ThreadLog log, IReadOnlyList<ThreadEvent> events, LeaseUse then = LeaseUse.None, Lease? lease = null, DateTimeOffset? now = null)
    {
        var next = log.With(events);
        return (next, await Save(next, events.Count, then, lease, now).ConfigureAwait(false));
    }

    /// <summary>The same for a log that holds the new events already: its last <paramref name="added"/> ones are appended.</summary>
    /// <param name="cause">What is used up by these events.</param>
    public async Task<Lease?> Save(ThreadLog next, int added, LeaseUse then = LeaseUse.None, Lease? lease = null, DateTimeOffset? now = null, Cause? cause = null)
    {
        var thread = next.Thread;
        var events = next.Last(added);
        var rows = Serialized(events);
        var held = await _commits.Run(session =>
        {
            if (lease is not null && !Leases.Holds(session, lease))
            {
                throw new LeaseLostException(thread.Id);
            }

            if (added > 0)
            {
                Write(session, next, rows, cause);
            }
            else if (then == LeaseUse.Take && session.Scalar<long>("SELECT version FROM threads WHERE thread_id = $1", thread.Id.Value) != thread.Version)
            {
                // Whoever ran it meanwhile has given the lease back; to run on from here would be to run from the past.
                throw new ConflictException(thread.Id);
            }

            return then switch
            {
                LeaseUse.Take => Leases.Take(session, owner, thread.Id, now ?? events[^1].At),
                LeaseUse.Release => Leases.Release(session, lease!),
                LeaseUse.Revoke => Leases.Revoke(session, thread.Id),
                _ => lease,
            };
        }).ConfigureAwait(false);
        Keep(next, rows);
        Appended?.Invoke(thread.Id, thread.Version);
        Stored?.Invoke(next, added);
        return held;
    }

    /// <summary>Stores a fork: a copied prefix and the event that says so, under an id of its own.</summary>
    /// <param name="admit">Refuses one more.</param>
    public async Task<Lease?> Copy(ThreadLog fork, bool takeLease, Action? admit = null)
    {
        var rows = Serialized(fork.Events);
        var lease = await _commits.Run(session =>
        {
            admit?.Invoke();
            Write(session, fork, rows);
            return takeLease ? Leases.Take(session, owner, fork.Thread.Id, fork.Thread.UpdatedAt) : null;
        }).ConfigureAwait(false);
        Stored?.Invoke(fork, 1);
        return lease;
    }

    /// <summary>Gives a lease back without an append.</summary>
    public Task Release(Lease lease) => _commits.Run(session => Leases.Release(session, lease));

    /// <summary>Keeps this process's leases for another <see cref="Owner.Lifetime"/>; returns the threads it still holds.</summary>
    public Task<HashSet<ThreadId>> RenewLeases(DateTimeOffset now) => _commits.Run(session => Leases.Renew(session, owner, now));

    public void Dispose() => _commits.Dispose();

    // What waits is gone on with; of what has ended whoever ended it has the log, and few others ask.
    private void Keep(ThreadLog log, string[] rows)
    {
        if (log.Thread.IsFinal)
        {
            _recent.Forget(log.Thread.Id);
        }
        else
        {
            _recent.Keep(log, rows.Sum(row => (long)row.Length));
        }
    }

    // Before the write is queued: while it has its turn, all others wait.
    private static string[] Serialized(IReadOnlyList<ThreadEvent> events) => [.. events.Select(ThreadJson.Write)];

    private void Write(Session session, ThreadLog log, string[] events, Cause? cause = null)
    {
        var first = log.Thread.Version - events.Length + 1;
        Bounds.Check(session, log, events.Length);
        try
        {
            for (var i = 0; i < events.Length; i++)
            {
                session.Execute("INSERT INTO events (thread_id, version, data) VALUES ($1, $2, $3)",
                    log.Thread.Id.Value, (long)(first + i), events[i]);
            }
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode == SQLitePCL.raw.SQLITE_CONSTRAINT_PRIMARYKEY)
        {
            throw new ConflictException(log.Thread.Id);
        }

        ThreadIndex.Project(session, log.Thread, first - 1);
        if (cause?.Use(session, log.Thread) == false)
        {
            throw new UsedUpException();
        }

        Deliveries.Write(session, log, first);
    }
}

/// <param name="IsNew">False when the idempotency key led to a thread that was there already.</param>
public sealed record Started(ThreadId Id, bool IsNew, Lease? Lease);
