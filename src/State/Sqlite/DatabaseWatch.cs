namespace AgentMcp.State.Sqlite;

/// <summary>
/// Tells whether anything was committed to the file since it was last asked, by this process or another. It reads one
/// number of SQLite's own, so asking often is cheap. One thread at a time.
/// </summary>
public sealed class DatabaseWatch : IDisposable
{
    private readonly Session _session;
    private long _seen;

    public DatabaseWatch(Database database)
    {
        _session = new(database.Connect());
        _seen = Version();
    }

    public bool Moved()
    {
        var (before, now) = (_seen, Version());
        _seen = now;
        return before != now;
    }

    public void Dispose() => _session.Dispose();

    private long Version() => _session.Scalar<long>("PRAGMA data_version");
}
