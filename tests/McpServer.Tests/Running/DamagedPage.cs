using System.Text;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Running;

/// <summary>Noise over a leaf of the table of events, as a disk that fails leaves it. Nobody may have the file open.</summary>
internal static class DamagedPage
{
    private const int Size = 4096;

    public static void Of(string database, string thread)
    {
        using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using var checkpoint = connection.CreateCommand();
            checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            checkpoint.ExecuteNonQuery();
        }

        // It holds the id of the thread and an event's words.
        var bytes = File.ReadAllBytes(database);
        var page = Enumerable.Range(1, (bytes.Length / Size) - 1).First(page => bytes[page * Size] == 10
            && bytes.AsSpan(page * Size, Size).IndexOf(Encoding.UTF8.GetBytes(thread)) > 0 && bytes.AsSpan(page * Size, Size).IndexOf("thread_started"u8) > 0);
        using var file = new FileStream(database, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = page * Size;
        file.Write(Enumerable.Repeat((byte)0xA5, 64).ToArray());
        file.Flush(flushToDisk: true);
        SqliteConnection.ClearAllPools();
    }
}
