using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>A real file in a folder of its own, with what stores and processes it takes; all of it goes when the test ends.</summary>
public sealed class TemporaryDatabase : IDisposable
{
    private readonly List<IDisposable> _opened = [];
    private Database? _database;

    public TemporaryDatabase()
    {
        Folder = Directory.CreateTempSubdirectory("agentmcp-").FullName;
        File = Path.Combine(Folder, "threads.db");
    }

    public string Folder { get; }

    public string File { get; }

    internal static DateTimeOffset Nine => Happened.Nine;

    public Database Open() => _database = Keep(Database.Open(File));

    /// <summary>A store under an owner of its own, as another process would have.</summary>
    public ThreadStore Store(Owner? owner = null)
    {
        var database = Open();
        var store = new ThreadStore(database, owner ?? Keep(new Owner(database)));
        return Keep(store);
    }

    public T Keep<T>(T opened)
        where T : IDisposable
    {
        _opened.Add(opened);
        return opened;
    }

    internal static ThreadStarted Started(string agent = "deploybot", string principal = "local", string input = "\"go\"", DateTimeOffset? at = null) =>
        new(at ?? Nine, agent, "sha256:d1", JsonText.Parse(input), principal, "stdio", "message_received");

    internal static async Task<ThreadLog> Begin(ThreadStore store, ThreadStarted? started = null, ThreadId? id = null)
    {
        started ??= Started();
        var thread = await store.Start(id ?? ThreadId.New(started.At), started, idempotencyKey: null, takeLease: false);
        return store.Read(thread.Id);
    }

    internal static async Task<ThreadLog> Begin(ThreadStore store, ThreadEvent[] log)
    {
        var thread = await Begin(store, (ThreadStarted)log[0]);
        return log.Length == 1 ? thread : (await store.Append(thread, log[1..])).Log;
    }

    public T? Scalar<T>(string sql)
    {
        using var connection = Open().Connect();
        return connection.ExecuteScalar<T>(sql);
    }

    public void Execute(string sql)
    {
        using var connection = Open().Connect();
        connection.Execute(sql);
    }

    public void Dispose()
    {
        Enumerable.Reverse(_opened).ToList().ForEach(opened => opened.Dispose());
        if (_database is not null)
        {
            using var connection = _database.Connect();
            SqliteConnection.ClearPool(connection);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
