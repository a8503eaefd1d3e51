using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Tells whether the file that was opened is still the one its path leads to. A deleted file can be written to for as
/// long as somebody has it open, and all of it is lost in the end. Costs one look at the folder. Thread-safe.
/// </summary>
internal sealed class Anchor(SqliteConnection connection) : IDisposable
{
    // Of sqlite3.h. Where the system does not let an open file go, SQLite does not know the question, and it has not moved.
    private const int HasMovedQuestion = 20;
    private readonly SQLitePCL.sqlite3 _handle = connection.Handle!;

    public bool HasMoved()
    {
        var moved = 0;
        // Once this is disposed of nobody can tell any more; whoever is late finds out as before.
        return !_handle.IsClosed && Ask(_handle, IntPtr.Zero, HasMovedQuestion, ref moved) == SQLitePCL.raw.SQLITE_OK && moved != 0;
    }

    public void Dispose() => connection.Dispose();

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int Ask(SQLitePCL.sqlite3 database, IntPtr name, int question, ref int answer);
}
