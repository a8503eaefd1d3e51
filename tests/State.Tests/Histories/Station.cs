using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using SQLitePCL;

namespace AgentMcp.State.Tests.Histories;

/// <summary>A process: what it has open, what it has read, and the leases it believes it holds. It can die at any instruction of SQLite.</summary>
internal sealed class Station : IDisposable
{
    private readonly Database _database;
    private sqlite3? _writing;

    public Station(string file, int number, TimeSpan clock)
    {
        (Number, Clock) = (number, clock);
        _database = Database.Open(file);
        Owner = new Owner(_database);
        Store = new ThreadStore(_database, Owner);
        Index = new ThreadIndex(_database);
    }

    public int Number { get; }

    /// <summary>How far its clock is off.</summary>
    public TimeSpan Clock { get; set; }

    public Owner Owner { get; }

    public ThreadStore Store { get; }

    public ThreadIndex Index { get; }

    public Dictionary<int, ThreadLog> Read { get; } = [];

    public Dictionary<int, Lease> Leases { get; } = [];

    public HashSet<(int Thread, CallId Call)> Running { get; } = [];

    /// <summary>Interrupts whatever it writes next after so many instructions.</summary>
    public async Task DieAfter(int instructions)
    {
        _writing = await Store.Commits.Run(session => session.Connection.Handle!);
        var left = instructions;
        raw.sqlite3_progress_handler(_writing, 1, _ => left-- == 0 ? 1 : 0, null);
    }

    public void Dispose()
    {
        // Its lock is free before its writes end, as the system does it: in any order.
        Owner.Dispose();
        if (_writing is { IsClosed: false })
        {
            // The connection goes back to a pool that other processes of this test share.
            raw.sqlite3_progress_handler(_writing, 0, null, null);
        }

        Store.Dispose();
        _database.Dispose();
    }
}
