using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Running;

/// <summary>An event that this program does not know at the end of a log, as a later version or a hand may have left it there.</summary>
internal static class ForeignEvent
{
    public static void Append(string database, string thread)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var change = connection.CreateCommand();
        change.CommandText = """
            INSERT INTO events (thread_id, version, data) SELECT thread_id, version + 1, '{"type":"of_tomorrow","at":"2026-05-04T10:00:00Z"}' FROM threads WHERE thread_id = $1;
            UPDATE threads SET version = version + 1 WHERE thread_id = $1
            """;
        change.Parameters.AddWithValue("$1", thread);
        Assert.Equal(2, change.ExecuteNonQuery());
    }
}
