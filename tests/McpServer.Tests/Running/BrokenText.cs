using System.Text;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Running;

/// <summary>One byte of a stored event is another, as a disk that fails leaves it: the page is whole and the text is no JSON. Nobody may have the file open.</summary>
internal static class BrokenText
{
    /// <param name="type">Which event of the thread.</param>
    public static void Of(string database, string thread, string type)
    {
        using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using var checkpoint = connection.CreateCommand();
            checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            checkpoint.ExecuteNonQuery();
        }

        var (bytes, id, text, found) = (File.ReadAllBytes(database), Encoding.UTF8.GetBytes(thread), Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\""), 0);
        for (var at = bytes.AsSpan().IndexOf(text); at >= 0 && bytes.AsSpan(at + 1).IndexOf(text) is var next; at = next < 0 ? -1 : at + 1 + next)
        {
            // The thread stands before the text, with the version between them where that is not 1.
            if (bytes.AsSpan(at - id.Length - 1, id.Length + 1).IndexOf(id) >= 0)
            {
                (bytes[at], found) = ((byte)'x', found + 1);
            }
        }

        Assert.NotEqual(0, found);
        File.WriteAllBytes(database, bytes);
    }
}
