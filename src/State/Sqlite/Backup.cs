using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// A whole copy of a database as it is at one moment, also while servers write to it, and the way back. A copy gets its
/// name once it is whole, checked and on disk; nothing that is there already is ever written over.
/// </summary>
public static class Backup
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <returns>What the copy holds.</returns>
    /// <exception cref="DatabaseException">There is such a file already, or the copy could not be made; the message says why, and nothing is left of it.</exception>
    public static BackupContent Make(Database database, string file)
    {
        file = Path.GetFullPath(file);
        if (Path.Exists(file))
        {
            throw new DatabaseException($"{file} is there already and was left as it is. Give the backup another name.");
        }

        return Guarded(file, () => Copy(database.ConnectAlone, file, overwrite: false));
    }

    /// <summary>Puts a backup where a database is to be. Leases in it are nobody's: whoever serves it next goes on with its threads.</summary>
    /// <exception cref="DatabaseException">There is a database, or servers still use one that was there, or the file is no usable backup.</exception>
    public static BackupContent Restore(string backup, string database)
    {
        (backup, database) = (Path.GetFullPath(backup), Path.GetFullPath(database));
        if (Path.Exists(database))
        {
            throw new DatabaseException($"{database} is there already and was left as it is. Stop all servers that use it and move it away, or name another file with --db.");
        }

        // What is left of another database would be taken for a part of this one.
        if (new[] { database + "-wal", database + "-journal" }.FirstOrDefault(File.Exists) is { } left)
        {
            throw new DatabaseException($"{left} is left of another database. Move it away together with the database it belongs to.");
        }

        if (Owner.CountAlive(database) is > 0 and var alive)
        {
            throw new DatabaseException($"{alive} {(alive == 1 ? "process still uses" : "processes still use")} the database that was at {database}. Stop {(alive == 1 ? "it" : "them")} and repeat the command.");
        }

        if (!File.Exists(backup))
        {
            throw new DatabaseException($"There is no file {backup}.");
        }

        return Guarded(backup, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(database)!);
            return Copy(() => ReadOnly(backup), database, overwrite: false);
        });
    }

    /// <param name="source">Opens what is copied; called once.</param>
    internal static BackupContent Copy(Func<SqliteConnection> source, string file, bool overwrite)
    {
        var partial = file + ".partial";
        File.Delete(partial);
        try
        {
            // SQLite writes into an empty file that is there; so its mode is settled before there is anything to read in it.
            Create(partial);
            using (var from = new Session(source()))
            {
                from.Execute("VACUUM INTO $1", partial);
            }

            var content = Content(partial, file);
            using (var written = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite))
            {
                written.Flush(flushToDisk: true);
            }

            File.Move(partial, file, overwrite);
            return content;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static void Create(string partial)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        new FileStream(partial, options).Dispose();
    }

    // A copy that cannot be read is none.
    private static BackupContent Content(string partial, string name)
    {
        using var copy = new Session(ReadOnly(partial));
        if (copy.Scalar<long>("SELECT count(*) FROM sqlite_schema WHERE name IN ('events', 'threads')") != 2)
        {
            throw new DatabaseException($"{name} is not a database of AgentMcp: it holds no threads.");
        }

        if (copy.Scalar<long>("PRAGMA user_version") is var version && version > Database.LatestVersion)
        {
            throw DatabaseException.Newer(name, (int)version, Database.LatestVersion);
        }

        return copy.Scalar<string>("PRAGMA integrity_check") is "ok"
            ? new(copy.Scalar<long>("SELECT count(*) FROM threads"), copy.Scalar<long>("SELECT count(*) FROM events"), new FileInfo(partial).Length)
            : throw new DatabaseException($"The copy of {name} is damaged and was thrown away. Run agentmcp doctor --verify to see what is wrong.");
    }

    private static SqliteConnection ReadOnly(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static T Guarded<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw DatabaseException.From(file, e);
        }
    }
}

/// <param name="Bytes">The size of the file.</param>
public sealed record BackupContent(long Threads, long Events, long Bytes);
