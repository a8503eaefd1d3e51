using Microsoft.Data.Sqlite;

namespace AgentMcp.ConformanceFixtures;

/// <summary>Another process on the same database, of a release whose events this one cannot read.</summary>
internal static class LaterRelease
{
    public static int Write(string thread)
    {
        using var connection = new SqliteConnection($"Data Source={Environment.GetEnvironmentVariable("AGENTMCP_DB")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO events (thread_id, version, data) SELECT thread_id, max(version) + 1, $data FROM events WHERE thread_id = $thread";
        command.Parameters.AddWithValue("$data", """{"type":"of_a_later_release"}""");
        command.Parameters.AddWithValue("$thread", thread);
        return command.ExecuteNonQuery();
    }
}
