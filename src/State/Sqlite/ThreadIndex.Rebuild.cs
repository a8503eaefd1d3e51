using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

public sealed partial class ThreadIndex
{
    /// <summary>
    /// Folds every log anew into the projection, while writers wait. Returns how many rows were wrong or missing. The row of
    /// a log that cannot be folded stays as it is.
    /// </summary>
    public int Rebuild()
    {
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction(deferred: false);
        var stored = connection.Query<ThreadRow>($"SELECT {Columns} FROM threads", transaction: transaction).ToDictionary(row => row.ThreadId);
        var wrong = Folded(connection, transaction).Where(row => !stored.TryGetValue(row.ThreadId, out var known) || known != row).ToList();
        connection.Execute(
            """
            INSERT INTO threads (thread_id, agent, principal, status, kind, version, parent_id, root_id, created_at, updated_at, due_at, children)
            VALUES (@ThreadId, @Agent, @Principal, @Status, @Kind, @Version, @ParentId, @RootId, @CreatedAt, @UpdatedAt, @DueAt, @Children)
            ON CONFLICT (thread_id) DO UPDATE SET
              agent = excluded.agent, principal = excluded.principal, status = excluded.status, kind = excluded.kind,
              version = excluded.version, parent_id = excluded.parent_id, root_id = excluded.root_id,
              created_at = excluded.created_at, updated_at = excluded.updated_at, due_at = excluded.due_at, children = excluded.children
            """, wrong, transaction);
        transaction.Commit();
        return wrong.Count;
    }

    private static IEnumerable<ThreadRow> Folded(SqliteConnection connection, SqliteTransaction transaction)
    {
        var (id, log) = ("", new List<(long, string)>());
        foreach (var (thread, version, data) in connection.Query<(string, long, string)>(
            "SELECT thread_id, version, data FROM events ORDER BY thread_id, version", transaction: transaction, buffered: false))
        {
            if (thread != id)
            {
                if (Folded(id, log) is { } row)
                {
                    yield return row;
                }

                (id, log) = (thread, []);
            }

            log.Add((version, data));
        }

        if (Folded(id, log) is { } last)
        {
            yield return last;
        }
    }

    private static ThreadRow? Folded(string id, List<(long, string)> log) => LogCheck.Fold(id, log).Thread is { } thread ? RowOf(thread) : null;
}
