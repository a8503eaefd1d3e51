using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AgentMcp.Faults.Victim;

/// <summary>
/// Aimed kills: this process sends itself SIGKILL at an exact point, which no other process could hit. The point is the
/// n-th time it comes to a place: before or after a statement of its database, or before or after an effect. SQLite
/// itself reports the statements; the program knows nothing of it.
/// </summary>
internal static unsafe partial class Death
{
    private const int SigKill = 9;
    private const uint StatementBegins = 0x01;
    private const uint StatementEnded = 0x02;
    private static string _place = "";
    private static int _left;

    /// <param name="plan">Such as <c>before effect 2</c> or <c>after COMMIT 17</c>; null for a process that only others kill.</param>
    public static void Arm(string? plan)
    {
        if (plan is null)
        {
            return;
        }

        var end = plan.LastIndexOf(' ');
        _left = int.Parse(plan[(end + 1)..], CultureInfo.InvariantCulture);
        _place = plan[..end];
        if (!_place.EndsWith(" effect", StringComparison.Ordinal))
        {
            // What SQLite calls for every connection it opens from now on.
            _ = AutoExtension(&Opened);
        }
    }

    /// <summary>A place of the program's own. Does not return when it is the one to die at.</summary>
    public static void At(string place)
    {
        if (_place == place && Interlocked.Decrement(ref _left) == 0)
        {
            _ = Kill(Environment.ProcessId, SigKill);
            Thread.Sleep(Timeout.Infinite);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Opened(nint connection, nint error, nint api) => TraceV2(connection, StatementBegins | StatementEnded, &Traced, 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Traced(uint kind, nint context, nint statement, nint detail)
    {
        var (when, text) = kind == StatementBegins ? ("before", detail) : ("after", Sql(statement));
        var sql = Marshal.PtrToStringUTF8(text) ?? "";
        At($"{when} statement");
        At($"{when} {Kind(sql)}");
        return 0;
    }

    private static string Kind(string sql) =>
        sql.StartsWith("INSERT INTO ", StringComparison.Ordinal) || sql.StartsWith("DELETE FROM ", StringComparison.Ordinal)
            ? string.Join(' ', sql.Split(' ', '\n', '(').Take(3))
            : sql.Split(' ', '\n')[0];

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_auto_extension")]
    private static partial int AutoExtension(delegate* unmanaged[Cdecl]<nint, nint, nint, int> entry);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_trace_v2")]
    private static partial int TraceV2(nint connection, uint mask, delegate* unmanaged[Cdecl]<uint, nint, nint, nint, int> callback, nint context);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_sql")]
    private static partial nint Sql(nint statement);
}
