using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// One SQLite file, migrated to this version of the program and shared with whatever other processes have it open.
/// Thread-safe; connections are cheap and pooled.
/// </summary>
public sealed class Database : IDisposable
{
    private const int BusyTimeoutMilliseconds = 30_000;
    private readonly string _connectionString;
    private readonly ConcurrentBag<Session> _readers = [];

    private Database(string path)
    {
        Path = path;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 60 }.ToString();
    }

    public string Path { get; }

    /// <summary>The folder where each running process holds a lock file open; see <see cref="Owner"/>.</summary>
    public string OwnersFolder => Path + "-owners";

    public static int LatestVersion => Migrations().Count;

    /// <exception cref="DatabaseException">The file cannot be used; the message says why and what to do.</exception>
    public static Database Open(string path)
    {
        var database = new Database(System.IO.Path.GetFullPath(path));
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(database.Path)!);
            database.Migrate();
            return database;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw DatabaseException.From(database.Path, e);
        }
    }

    /// <summary>Reads on a connection that keeps its prepared statements from one read to the next.</summary>
    /// <exception cref="DatabaseException">The file cannot be read.</exception>
    internal T Read<T>(Func<Session, T> read)
    {
        Session? session = null;
        try
        {
            session = _readers.TryTake(out var idle) ? idle : new Session(Connect());
            var result = read(session);
            _readers.Add(session);
            return result;
        }
        catch (SqliteException e)
        {
            session?.Dispose();
            throw DatabaseException.From(Path, e);
        }
        catch
        {
            // What was read cannot be understood; the connection is none the worse, but it is simplest to take a new one.
            session?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        while (_readers.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            // FULL: an acknowledged event survives power loss. The busy timeout lets processes queue for the one writer.
            using var pragmas = connection.CreateCommand();
            pragmas.CommandText = $"PRAGMA busy_timeout = {BusyTimeoutMilliseconds}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public int SchemaVersion() => Read(FoundVersion);

    private void Migrate()
    {
        using var session = new Session(Connect());
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
                session.Execute(script);
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

    // Called by whoever holds the write lock, so the copy is exactly what the migration starts from. It gets its name once it is whole and on disk.
    private void BackUp(int version)
    {
        var copy = string.Create(CultureInfo.InvariantCulture, $"{Path}.v{version}.backup");
        File.Delete(copy + ".partial");
        using (var reader = new Session(Connect()))
        {
            reader.Execute("VACUUM INTO $1", copy + ".partial");
        }

        using (var file = new FileStream(copy + ".partial", FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(copy + ".partial", copy, overwrite: true);
    }

    private static List<string> Migrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => new StreamReader(assembly.GetManifestResourceStream(name)!).ReadToEnd())];
    }
}
