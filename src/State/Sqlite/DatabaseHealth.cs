using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

public static class DatabaseHealth
{
    /// <summary>
    /// Whether the file is there, has the schema of this program and takes a commit. It writes what is there already; a
    /// full disk or a lock shows only where something is written. May block for as long as the file is locked.
    /// </summary>
    public static bool IsUsable(this Database database)
    {
        // An open file that was deleted goes on taking commits, for nobody.
        if (!File.Exists(database.Path))
        {
            return false;
        }

        try
        {
            using var session = new Session(database.Connect());
            if (session.Scalar<long>("PRAGMA user_version") != Database.LatestVersion)
            {
                return false;
            }

            try
            {
                session.Execute("BEGIN IMMEDIATE");
                session.Execute($"PRAGMA user_version = {Database.LatestVersion}");
                session.Execute("COMMIT");
                return true;
            }
            finally
            {
                session.RollBack();
            }
        }
        catch (Exception e) when (e is SqliteException or DatabaseException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
