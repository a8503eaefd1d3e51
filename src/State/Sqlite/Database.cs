using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// One SQLite file, migrated to this version of the program and shared with whatever other processes have it open.
/// Thread-safe; connections are cheap and pooled.
/// </summary>
public sealed partial class Database : IDisposable
{
    /// <summary>How long a write waits for a lock that another program holds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _patience;
    private readonly ConcurrentBag<Session> _readers = [];
    private Anchor? _anchor;

    private Database(string path, TimeSpan patience) => (Path, _patience) = (path, patience);

    public string Path { get; }

    /// <summary>The folder where each running process holds a lock file open; see <see cref="Owner"/>.</summary>
    public string OwnersFolder => OwnersFolderOf(Path);

    internal static string OwnersFolderOf(string path) => path + "-owners";

    /// <param name="patience">In place of <see cref="Patience"/>; whole seconds.</param>
    /// <exception cref="DatabaseException">The file cannot be used; the message says why and what to do.</exception>
    public static Database Open(string path, TimeSpan? patience = null)
    {
        var database = new Database(System.IO.Path.GetFullPath(path), patience ?? Patience);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(database.Path)!);
            database.Migrate();
            database._anchor = new Anchor(database.Connect(SqliteOpenMode.ReadWrite, pooled: false));
            return database;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw DatabaseException.From(database.Path, e);
        }
    }

    /// <summary>Opens what is there, without creating or migrating anything.</summary>
    /// <inheritdoc cref="Open"/>
    public static Database OpenAsItIs(string path)
    {
        var database = new Database(System.IO.Path.GetFullPath(path), Patience);
        try
        {
            if (!File.Exists(database.Path))
            {
                throw new DatabaseException($"There is no database at {database.Path}. Name another file with --db.");
            }

            database._anchor = new Anchor(database.Connect(SqliteOpenMode.ReadWrite, pooled: false));
            database.Read(session => database.Known(session));
            return database;
        }
        catch (Exception e)
        {
            database.Dispose();
            if (e is SqliteException or IOException or UnauthorizedAccessException)
            {
                throw DatabaseException.From(database.Path, e);
            }

            throw;
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
            EnsureInPlace();
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

        _anchor?.Dispose();
    }

    /// <exception cref="DatabaseException">The file is not where it was any more.</exception>
    public SqliteConnection Connect()
    {
        EnsureInPlace();
        return Connect(SqliteOpenMode.ReadWrite, pooled: true);
    }

    /// <summary>A connection that no other use will ever see, whatever is set on it.</summary>
    internal SqliteConnection ConnectAlone()
    {
        EnsureInPlace();
        return Connect(SqliteOpenMode.ReadWrite, pooled: false);
    }

    /// <summary>What is written into a file that is deleted is lost, and one that took its place is not known here.</summary>
    /// <exception cref="DatabaseException">The file is not where it was any more.</exception>
    internal void EnsureInPlace()
    {
        if (_anchor?.HasMoved() == true)
        {
            throw DatabaseException.Moved(Path);
        }
    }

    private SqliteConnection Connect(SqliteOpenMode mode, bool pooled)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = mode,
            Pooling = pooled,
            DefaultTimeout = Math.Max(1, (int)_patience.TotalSeconds),
        }.ToString());
        try
        {
            connection.Open();
            // FULL: an acknowledged event survives power loss. The busy timeout lets processes queue for the one writer. The
            // log ahead is taken into the file at 16 MB: a page that many appends change is then written there once.
            using var pragmas = connection.CreateCommand();
            pragmas.CommandText = $"PRAGMA busy_timeout = {(long)_patience.TotalMilliseconds}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000;";
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
