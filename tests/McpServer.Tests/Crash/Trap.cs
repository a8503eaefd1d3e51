using AgentMcp.State.Sqlite;
using Dapper;
using static SQLitePCL.raw;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>
/// Stops a server inside one append, for as long as it lives: a trigger of the test's own database never ends when
/// the event of that version is written. So a kill comes exactly before that append, or in the middle of it when
/// the event is not its first, and the program knows nothing of it.
/// </summary>
internal sealed class Trap
{
    // Long for a commit, short for a test: a transaction that is still open after it is the one that was trapped.
    private const int LongestCommitMilliseconds = 150;
    private readonly Database _database;

    public Trap(Database database, int version)
    {
        _database = database;
        using var connection = database.Connect();
        connection.Execute(
            $"""
            CREATE VIEW for_ever AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
            CREATE TRIGGER trap BEFORE INSERT ON events WHEN NEW.version = {version} BEGIN SELECT count(*) FROM for_ever; END;
            """);
    }

    /// <summary>Ends once a server sits in the trap: so many events are stored, and the one writer's lock stays taken.</summary>
    public async Task Sprung(int stored, CancellationToken cancellation)
    {
        using var connection = _database.Connect();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(1));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        connection.Execute($"PRAGMA busy_timeout = {LongestCommitMilliseconds}");
        while (await again.WaitForNextTickAsync(late.Token))
        {
            if (connection.ExecuteScalar<int>("SELECT count(*) FROM events") < stored)
            {
                continue;
            }

            // Not through a command, which would go on trying by itself.
            if (sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE") == SQLITE_BUSY)
            {
                return;
            }

            connection.Execute("ROLLBACK");
        }
    }

    public void Remove()
    {
        using var connection = _database.Connect();
        connection.Execute("DROP TRIGGER trap; DROP VIEW for_ever;");
    }
}
