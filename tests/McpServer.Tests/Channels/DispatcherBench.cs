using System.Diagnostics;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>A dispatcher on a database of its own, and a clock that moves on whenever nothing but time is waited for.</summary>
public abstract class DispatcherBench : IAsyncDisposable
{
    private protected static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Owner _owner;
    private Task _running = Task.CompletedTask;
    private int _loops;

    private protected DispatcherBench()
    {
        Database = Database.Open(_folder.Database);
        _owner = new Owner(Database);
        Store = new ThreadStore(Database, _owner) { Bounds = new(Events: 10) };
    }

    private protected SteppedClock Clock { get; } = new(Nine);

    private protected Database Database { get; }

    private protected ThreadStore Store { get; }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _stop.CancelAsync();
        await _running;
        Store.Dispose();
        _owner.Dispose();
        Database.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private protected void Run(params IHumanChannel[] channels)
    {
        _loops = channels.Length + 1;
        _running = new Dispatcher(channels, new Outbox(Database, Store), Store, new Links(() => null, Database.Path, Clock), Clock, NullLogger.Instance).Run(_stop.Token);
    }

    private protected async Task<ThreadId> Ask(params string[] channels)
    {
        var id = ThreadId.New(Nine);
        await Store.Start(id, new ThreadStarted(Nine, "calculator", "sha256:1", JsonText.Of("go"), "local", "cli", "message_received"), null, takeLease: false);
        await Store.Append(Store.Read(id), [new RequestOpened(Nine, RequestKind.Question, "Which one?", Reach: new(channels))]);
        return id;
    }

    private protected string[] Failures(ThreadId thread) => [.. Store.Read(thread).Events.OfType<DeliveryFailed>().Select(failed => $"{failed.Channel}: {failed.Error}")];

    private protected object? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar();
    }

    private protected async Task Until(Func<bool> come)
    {
        var waited = Stopwatch.StartNew();
        while (!come())
        {
            Assert.True(waited.Elapsed < Bench.Patience * 3, "It has not come about.");
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (Clock.Waiting == _loops)
            {
                Clock.Advance(TimeSpan.FromMilliseconds(200));
            }

            await Task.Yield();
        }
    }

    private protected sealed class Broken(string name, int attempts, Exception? defect = null, bool hangs = false, bool works = false) : IHumanChannel
    {
        private readonly List<DateTimeOffset> _tries = [];

        public string Name => name;

        public int Attempts => attempts;

        public List<DateTimeOffset> Tries => _tries;

        public async Task<JsonText?> Send(Notice notice, CancellationToken cancellation)
        {
            _tries.Add(notice.At);
            await (hangs ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask);
            return works ? null : throw defect ?? new DeliveryException("it is down");
        }

        public Task Update(Notice notice, CancellationToken cancellation) => Task.CompletedTask;

        public Task Say(JsonText place, string words, CancellationToken cancellation) => Task.CompletedTask;
    }
}
