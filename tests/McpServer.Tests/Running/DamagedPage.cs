using System.Text;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Running;

/// <summary>Noise over a leaf of the table of events, as a disk that fails leaves it. Nobody may have the file open.</summary>
internal static class DamagedPage
{
    private const int Size = 4096;

    /// <returns>The first of the threads whose last event is on a leaf, which cannot be read any more. Some are in a node above, on which many hang.</returns>
    public static string Of(string database, IEnumerable<string> threads)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using (var checkpoint = connection.CreateCommand())
        {
            checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            checkpoint.ExecuteNonQuery();
        }

        connection.Close();
        var bytes = File.ReadAllBytes(database);
        var leaves = Enumerable.Range(1, (bytes.Length / Size) - 1).Where(page => bytes[page * Size] == 10).ToList();
        foreach (var (thread, page) in from thread in threads from page in leaves where bytes.AsSpan(page * Size, Size).IndexOf(Encoding.UTF8.GetBytes(thread)) > 0 select (thread, page))
        {
            Write(database, page, [.. Enumerable.Repeat((byte)0xA5, 64)]);
            if (!CanRead(connection, thread))
            {
                return thread;
            }

            Write(database, page, bytes[(page * Size)..((page * Size) + 64)]);
        }

        throw new InvalidOperationException("All last events are in nodes.");
    }

    private static void Write(string database, int page, byte[] bytes)
    {
        using var file = new FileStream(database, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = page * Size;
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    private static bool CanRead(SqliteConnection connection, string thread)
    {
        connection.Open();
        try
        {
            using var read = connection.CreateCommand();
            read.CommandText = "SELECT length(data) FROM events WHERE thread_id = $thread ORDER BY version DESC LIMIT 1";
            read.Parameters.AddWithValue("$thread", thread);
            return read.ExecuteScalar() is not null;
        }
        catch (SqliteException)
        {
            return false;
        }
        finally
        {
            connection.Close();
        }
    }
}
