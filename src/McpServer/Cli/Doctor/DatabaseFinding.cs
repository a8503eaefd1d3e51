using AgentMcp.State.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Cli.Doctor;

/// <summary>Looks at the database without creating, migrating or changing it.</summary>
internal static class DatabaseFinding
{
    private const string Name = "database";

    public static Finding Of(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            return File.Exists(path) ? Existing(path) : Missing(path);
        }
        catch (DatabaseException e)
        {
            return Finding.Broken(Name, e.Message);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Finding.Broken(Name, $"{path} cannot be used: {e.Message} Check the file and its folder, or choose another file with --db (AGENTMCP_DB).");
        }
    }

    public static string SqliteVersion()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection.ServerVersion;
    }

    private static Finding Existing(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 5 }.ToString());
        connection.Open();
        var schema = Number(connection, "PRAGMA user_version");
        var about = $"{path}: {Size(path)}, schema {schema}";
        if (schema > Database.LatestVersion)
        {
            return Finding.Broken(Name, $"{about}; this program knows schemas up to {Database.LatestVersion}. Update AgentMcp, or choose another file with --db (AGENTMCP_DB).");
        }

        // Taking the write lock and letting it go shows that the file and its folder can be written.
        Execute(connection, "BEGIN IMMEDIATE");
        Execute(connection, "ROLLBACK");
        return schema < Database.LatestVersion
            ? Finding.Note(Name, $"{about}; it becomes schema {Database.LatestVersion} when it is next used{(schema == 0 ? "" : ", after a backup copy")}.")
            : Finding.Ok(Name, $"{about}, writable, {Counts(connection)}");
    }

    private static Finding Missing(string path)
    {
        var folder = Path.GetDirectoryName(path);
        while (folder is not null && !Directory.Exists(folder))
        {
            if (File.Exists(folder))
            {
                return Finding.Broken(Name, $"{path} cannot be created: {folder} is a file. Choose another file with --db (AGENTMCP_DB).");
            }

            folder = Path.GetDirectoryName(folder);
        }

        if (Directory.Exists(path))
        {
            return Finding.Broken(Name, $"{path} is a folder. Name a file in it with --db (AGENTMCP_DB).");
        }

        var probe = Path.Combine(folder!, $".agentmcp-{Guid.NewGuid():N}");
        using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
        {
            return Finding.Ok(Name, $"{path}: not there yet; it is created when it is first used");
        }
    }

    private static string Counts(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT status, count(*) FROM threads GROUP BY status ORDER BY status";
        using var rows = command.ExecuteReader();
        List<string> counts = [];
        while (rows.Read())
        {
            counts.Add($"{rows.GetInt64(1)} {rows.GetString(0)}");
        }

        return counts.Count == 0 ? "no threads" : $"threads: {string.Join(", ", counts)}";
    }

    private static string Size(string path) => new FileInfo(path).Length switch
    {
        < 1 << 20 and var bytes => $"{bytes / 1024} KB",
        var bytes => $"{bytes >> 20} MB",
    };

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
