using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

public sealed partial class Database
{
    public static int LatestVersion => Migrations().Count;

    public int SchemaVersion() => Read(FoundVersion);

    private void Migrate()
    {
        using var session = new Session(Connect(SqliteOpenMode.ReadWriteCreate, pooled: false));
        // WAL: readers never wait for the writer, and a commit is one sync.
        session.Execute("PRAGMA journal_mode = WAL");
        if (Known(session) == LatestVersion)
        {
            return;
        }

        // Several processes may get here at once: whoever comes second finds the version raised, inside the lock.
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            var found = Known(session);
            if (found > 0 && found < LatestVersion)
            {
                BackUp(found);
            }

            foreach (var script in Migrations().Skip(found))
            {
                session.Script(script);
            }

            session.Execute($"PRAGMA user_version = {LatestVersion}");
            session.Execute("COMMIT");
        }
        finally
        {
            session.RollBack();
        }
    }

    private static int FoundVersion(Session session) => (int)session.Scalar<long>("PRAGMA user_version");

    private int Known(Session session) =>
        FoundVersion(session) is var found && found <= LatestVersion ? found : throw DatabaseException.Newer(Path, found, LatestVersion);

    // Called by whoever holds the write lock, so the copy is exactly what the migration starts from.
    private void BackUp(int version) => Backup.Copy(Connect, string.Create(CultureInfo.InvariantCulture, $"{Path}.v{version}.backup"), overwrite: true);

    private static List<string> Migrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => new StreamReader(assembly.GetManifestResourceStream(name)!).ReadToEnd())];
    }
}
