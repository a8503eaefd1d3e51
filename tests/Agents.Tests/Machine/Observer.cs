using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>Reads the file from outside. Thread-safe.</summary>
internal sealed class Observer(string path) : IDisposable
{
    private readonly Database _database = Database.Open(path);

    public IReadOnlyList<ThreadId> Threads()
    {
        using var connection = _database.Connect();
        return [.. connection.Query<string>("SELECT thread_id FROM threads ORDER BY thread_id").Select(ThreadId.Parse)];
    }

    /// <summary>Every log as it is at one moment. What is listed must be what it folds to.</summary>
    public Dictionary<ThreadId, ThreadLog> Logs()
    {
        using var connection = _database.Connect();
        return connection.Query<(string Id, string Data)>("SELECT thread_id, data FROM events ORDER BY thread_id, version").GroupBy(row => row.Id, row => row.Data)
            .Select(rows => ThreadLog.Of(ThreadId.Parse(rows.Key), rows.Select(ThreadJson.Read))).ToDictionary(log => log.Thread.Id);
    }

    /// <summary>Leases of threads that nobody has to run.</summary>
    public IReadOnlyList<string> StrayLeases()
    {
        using var connection = _database.Connect();
        return [.. connection.Query<string>("SELECT l.thread_id || ': leased, and it is ' || t.status FROM leases l JOIN threads t USING (thread_id) WHERE t.status <> 'running'")];
    }

    public IReadOnlyList<string> Leases()
    {
        using var connection = _database.Connect();
        return [.. connection.Query<string>("SELECT thread_id || ': its lease was left behind' FROM leases")];
    }

    public IReadOnlyList<string> Flaws() => [.. new Verification(_database).Run().Flaws.Select(flaw => $"{flaw}"),
        .. new ThreadIndex(_database).Rebuild() is > 0 and var rows ? [$"{rows} rows of the list were wrong"] : Array.Empty<string>()];

    public static string Tell(IEnumerable<string> wrong, IReadOnlyDictionary<ThreadId, ThreadLog> logs) =>
        string.Join('\n', [.. wrong, .. logs.Values.Select(log => $"\n{log.Thread.Id} {log.Thread.Start.Agent}\n  {string.Join("\n  ", log.Events.Select((happened, i) => $"{i + 1} {happened}"))}")]);

    public void Dispose()
    {
        _database.Dispose();
        using var last = _database.Connect();
        SqliteConnection.ClearPool(last);
    }
}
