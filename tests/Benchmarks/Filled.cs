using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Benchmarks;

/// <summary>
/// A database of so many threads, in one transaction and past the store: half of them wait for an approval, half are
/// done. The rows are those the store writes, which the first read of one of them proves.
/// </summary>
internal static class Filled
{
    /// <returns>One from their middle.</returns>
    public static string With(string path, int threads)
    {
        using var database = Database.Open(path);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        using var connection = database.Connect();
        using var transaction = connection.BeginTransaction();
        using var events = Insert(connection, "INSERT INTO events (thread_id, version, data) VALUES ($id, $version, $data)", "$id", "$version", "$data");
        using var rows = Insert(connection,
            """
            INSERT INTO threads (thread_id, agent, principal, status, kind, version, root_id, created_at, updated_at)
            VALUES ($id, 'calculator', 'local', $status, $kind, 3, $id, $at, $at)
            """, "$id", "$status", "$kind", "$at");
        var start = DateTimeOffset.UtcNow.AddDays(-30);
        var (last, middle) = (default(ThreadId), default(ThreadId));
        for (var i = 0; i < threads; i++)
        {
            var at = start.AddSeconds(i % 2_000_000);
            last = ThreadId.New(at);
            middle = i == threads / 2 ? last : middle;
            var waits = i % 2 == 0;
            var log = Log(at, waits);
            for (var version = 1; version <= log.Length; version++)
            {
                Run(events, last.Value, (long)version, ThreadJson.Write(log[version - 1]));
            }

            Run(rows, last.Value, waits ? "pending" : "completed", waits ? "approval" : DBNull.Value, at.ToUnixTimeMilliseconds());
        }

        transaction.Commit();
        if (store.Read(last).Thread.Version != 3)
        {
            throw new InvalidOperationException("What was filled in cannot be read.");
        }

        using var checkpoint = connection.CreateCommand();
        checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        checkpoint.ExecuteNonQuery();
        return middle.Value;
    }

    private static ThreadEvent[] Log(DateTimeOffset at, bool waits)
    {
        var arguments = JsonText.Parse("""{"a":3,"b":4}""");
        var started = new ThreadStarted(at, "calculator", "sha256:none", JsonText.Parse("""{"message":"divide 3 by 4"}"""), "local", "bench", "message_received");
        return waits
            ? [started, new StepChosen(at, "divide", arguments, "rules"), new RequestOpened(at, RequestKind.Approval, "Run divide with a 3, b 4?", Action: ActionDigest.Bind("divide", arguments))]
            : [started, new StepChosen(at, "done_for_now", JsonText.Parse("""{"message":"0.75"}"""), "rules"), new ThreadCompleted(at, JsonText.Parse("""{"message":"0.75"}"""))];
    }

    private static SqliteCommand Insert(SqliteConnection connection, string sql, params string[] names)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // the texts are above
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var name in names)
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }

        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }
}
