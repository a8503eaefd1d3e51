using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>The database cannot be used. The message says why, and what the user can do.</summary>
public sealed class DatabaseException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether what failed says nothing of the rest of the database: a log nobody understands, a damaged page. Else no other thread fares better.</summary>
    public static bool IsOfOnePlace(Exception e) =>
        e is not DatabaseException
        || e.InnerException is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_IOERR }
        || (e.InnerException is SqliteException inner && IsOfBrokenText(inner));

    /// <summary>Whether it says that a log cannot be read, and nothing of other logs.</summary>
    public static bool IsOfOneLog(Exception e) => e is InvalidDataException || (e is DatabaseException && IsOfOnePlace(e));

    /// <summary>Whether the disk failed, which may be over in a moment.</summary>
    public static bool IsOfDisk(Exception e) => e is DatabaseException { InnerException: SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_IOERR } };

    internal static DatabaseException Newer(string path, int found, int known) => new(
        $"The database {path} has schema version {found}; this program knows versions up to {known}. Update AgentMcp, or choose another file with --db.");

    internal static DatabaseException Moved(string path) => new(
        $"{path} was deleted or replaced while this program had it open. Nothing more is read from it or written to it. Put the file back, or stop all servers that use it, restore a backup (agentmcp restore FILE) and start them again.");

    internal static DatabaseException From(string path, Exception e) => new(e switch
    {
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL } =>
            $"The disk that holds {path} is full. Nothing was stored. Free some space and repeat the call.",
        SqliteException sqlite when sqlite.SqliteErrorCode == SQLitePCL.raw.SQLITE_CORRUPT || IsOfBrokenText(sqlite) =>
            $"{path} is damaged ({e.Message}). Run agentmcp doctor --verify to see which threads are affected, and restore a backup (agentmcp restore FILE). Threads on other pages are still served.",
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_IOERR } =>
            $"The disk that holds {path} failed ({e.Message}). Nothing was stored. Check the disk and repeat the call.",
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_NOTADB } =>
            $"{path} is not a usable SQLite database ({e.Message}). Restore it from a backup, or choose another file with --db.",
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_PERM } =>
            $"{path} cannot be written. Check the permissions of the file and its folder, or choose another file with --db.",
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CANTOPEN } or IOException or UnauthorizedAccessException =>
            $"{path} cannot be opened ({e.Message}). Check that its folder exists and can be written, or choose another file with --db.",
        SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY } =>
            $"{path} stayed locked by another program. Nothing was stored. Repeat the call; if it persists, see which program holds the file.",
        _ => $"{path}: {e.Message}",
    }, e);

    // A stored event whose text was broken has no code of its own; what is stored by us is checked to be JSON.
    private static bool IsOfBrokenText(SqliteException e) =>
        e.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR && e.Message.Contains("malformed JSON", StringComparison.Ordinal);
}
