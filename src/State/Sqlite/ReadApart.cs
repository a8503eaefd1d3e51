namespace AgentMcp.State.Sqlite;

/// <summary>
/// Lists what others' threads ask although one of their logs cannot be read: the statement that looks into all of them fails
/// for all. Then the rows are taken without a look into any log, and each is asked about by itself. Slower, and only then.
/// </summary>
internal static class ReadApart
{
    public static bool Helps(Sight sight, DatabaseException e) => sight.Others == Others.Asking && DatabaseException.IsOfOnePlace(e);

    /// <summary>The same sight before the logs are asked.</summary>
    public static Sight Unasked(Sight sight) => sight with { Others = Others.All };

    /// <param name="after">The next rows after one, or the first of all; none when there are no more.</param>
    public static List<TRow> Rows<TRow>(Database database, Sight sight, Func<TRow?, IReadOnlyList<TRow>> after, Func<TRow, string> threadOf, int atMost)
        where TRow : class
    {
        List<TRow> seen = [];
        for (var rows = after(null); rows.Count > 0 && seen.Count < atMost; rows = after(rows[^1]))
        {
            seen.AddRange(rows.Where(row => IsSeen(database, sight, threadOf(row))));
        }

        return seen.Count > atMost ? seen[..atMost] : seen;
    }

    private static bool IsSeen(Database database, Sight sight, string thread)
    {
        try
        {
            return database.Read(session => session.Scalar<long>(Sight.OneSql, thread, sight.Own, sight.Me)) == 1;
        }
        catch (DatabaseException e) when (DatabaseException.IsOfOnePlace(e))
        {
            return false;
        }
    }
}
