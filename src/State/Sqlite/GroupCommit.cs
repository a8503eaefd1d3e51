using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Writes that arrive together share one transaction and so one sync. Whoever comes first commits for all that wait
/// by then; a lone write runs at once on its own caller, unless many others are at work. No timer and no thread of its own:
/// while one commit syncs, the next group gathers.
/// </summary>
internal sealed partial class GroupCommit(Database database) : IDisposable
{
    private const int LargestGroup = 256;
    private readonly ConcurrentQueue<Write> _waiting = new();
    private readonly Lock _writing = new();
    private Session? _session;
    private int _busy;
    private bool _disposed;

    /// <summary>
    /// Runs <paramref name="write"/> in a transaction and completes once it is on disk. What it throws undoes this
    /// write alone and reaches this caller alone.
    /// </summary>
    public Task<T> Run<T>(Func<Session, T> write)
    {
        var item = new Write<T>(write);
        _waiting.Enqueue(item);
        if (IsMineToLead())
        {
            // Where many are at work they are about to write too: at the end of the queue there is more to commit at once.
            if (ThreadPool.PendingWorkItemCount > Environment.ProcessorCount)
            {
                LeadLater();
            }
            else
            {
                Lead();
            }
        }

        return item.Done.Task;
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _disposed = true;
            _session?.Dispose();
        }
    }

    private bool IsMineToLead() => Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    private void LeadLater() => ThreadPool.UnsafeQueueUserWorkItem(static self => self.Lead(), this, preferLocal: false);

    private void Lead()
    {
        CommitGroup();
        // A write that came after the group was taken and before this line would otherwise wait for ever. The full fence
        // is needed: were the queue read before the flag is seen to fall, both sides could leave the write to the other.
        Interlocked.Exchange(ref _busy, 0);
        if (!_waiting.IsEmpty && IsMineToLead())
        {
            LeadLater();
        }
    }

    private void CommitGroup()
    {
        var group = new List<Write>();
        while (group.Count < LargestGroup && _waiting.TryDequeue(out var write))
        {
            group.Add(write);
        }

        if (group.Count > 0)
        {
            Commit(group);
        }
    }

    private void Commit(List<Write> group)
    {
        try
        {
            bool done;
            lock (_writing)
            {
                done = TryCommit(Open(), group);
            }

            group.ForEach(write => Settle(write, done));
        }
        catch (Exception e)
        {
            var reason = e is SqliteException ? DatabaseException.From(database.Path, e) : e;
            group.ForEach(write => write.Fail(reason));
        }
    }

    private void Settle(Write write, bool done)
    {
        if (done)
        {
            write.Succeed();
        }
        else
        {
            Commit([write]);
        }
    }

    /// <returns>False, and nothing is stored, when each write must be tried alone.</returns>
    private bool TryCommit(Session session, List<Write> group)
    {
        var attempting = false;
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            attempting = true;
            // Nearly every refused write has changed nothing, so the others need no savepoint against it. Where one has,
            // what it changed cannot be told from what the others did: all is undone.
            var clean = group.TrueForAll(write => Attempt(session, write));
            attempting = false;
            session.Execute(clean ? "COMMIT" : "ROLLBACK");
            // Only now is it certain that what is acknowledged is in the file that others find.
            database.EnsureInPlace();
            return clean || group.Count == 1;
        }
        catch
        {
            Drop(session);
            if (!attempting || group.Count == 1)
            {
                throw;
            }

            // Nothing was to be on disk yet. What one of them needs may be damaged, and the others have no part in it.
            return false;
        }
    }

    // SQLite may have rolled back already (disk full), or still be inside. What is left of the session is not trusted.
    private void Drop(Session session)
    {
        _session = null;
        using (session)
        {
            session.RollBack();
        }
    }

    private bool Attempt(Session session, Write write)
    {
        var before = session.Changes;
        try
        {
            write.Apply(session);
            return true;
        }
        catch (Exception e) when (!EndsTheTransaction(session, e))
        {
            write.Refuse(e is SqliteException { SqliteErrorCode: not SQLitePCL.raw.SQLITE_CONSTRAINT } ? DatabaseException.From(database.Path, e) : e);
            return session.Changes == before;
        }
    }

    // Of itself, or because what was read or written before is not to be relied on.
    private static bool EndsTheTransaction(Session session, Exception e) =>
        !session.IsInTransaction || e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CORRUPT };

    private Session Open()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        database.EnsureInPlace();
        return _session ??= new Session(database.Connect());
    }
}
