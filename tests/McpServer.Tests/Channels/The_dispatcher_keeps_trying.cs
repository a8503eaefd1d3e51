using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Channels;

public sealed class The_dispatcher_keeps_trying : IAsyncDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();
    private readonly SteppedClock _clock = new(Nine);
    private readonly CancellationTokenSource _stop = new();
    private readonly Database _database;
    private readonly Owner _owner;
    private readonly ThreadStore _store;
    private Task _running = Task.CompletedTask;
    private int _loops;

    public The_dispatcher_keeps_trying()
    {
        _database = Database.Open(_folder.Database);
        _owner = new Owner(_database);
        _store = new ThreadStore(_database, _owner) { Bounds = new(Events: 10) };
    }

    [Fact]
    public async Task It_waits_longer_each_time_and_tells_the_thread_of_the_first_failure_and_of_giving_up()
    {
        var ops = new Broken("ops", attempts: 4);
        Run(ops);
        var thread = await Ask("ops");
        await Until(() => Failures(thread).Length == 2);
        Assert.Equal(["ops: it is down", "ops: it is down; given up after 4 attempts"], Failures(thread));
        var pauses = ops.Tries.Zip(ops.Tries.Skip(1), (one, next) => (next - one).TotalSeconds).ToArray();
        // 1, 2 and 4 seconds, each a fifth more or less; the clock may be moved on while one is being sent.
        Assert.Collection(pauses, pause => Assert.True(pause >= 0.8), pause => Assert.True(pause >= 1.6), pause => Assert.True(pause >= 3.2));
    }

    [Fact]
    public async Task Each_attempt_is_counted_by_what_came_of_it()
    {
        using var counted = new MeterListener();
        ConcurrentQueue<string> told = [];
        counted.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "agentmcp.deliveries")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        counted.SetMeasurementEventCallback<long>((_, value, tags, _) => told.Enqueue($"{value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        counted.Start();
        Run(new Broken("counted", attempts: 2), new Broken("counted-too", attempts: 1, works: true));
        var thread = await Ask("counted", "counted-too");
        await Until(() => Failures(thread).Length == 2 && told.Count(line => line.Contains("channel=counted", StringComparison.Ordinal)) == 3);

        Assert.Equal(
            ["1 channel=counted kind=request outcome=failed", "1 channel=counted kind=request outcome=given_up", "1 channel=counted-too kind=request outcome=delivered"],
            told.Where(line => line.Contains("channel=counted", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_defect_of_a_channel_is_a_failure_like_any_other_and_told_without_its_words()
    {
        Run(new Broken("ops", attempts: 1, new InvalidOperationException("token xoxb-1")));
        var thread = await Ask("ops");
        await Until(() => Failures(thread).Length == 1);
        Assert.Equal(["ops: an internal error (InvalidOperationException); given up after 1 attempt"], Failures(thread));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task A_thread_that_is_full_and_takes_no_note_of_a_failure_holds_up_no_other()
    {
        var full = await Ask("ops");
        await _store.Append(_store.Read(full), [.. Enumerable.Repeat(new AnswerRefused(Nine, new(2), "model", "mcp", "only a person may answer this"), 8)]);
        var other = await Ask("ops");
        Run(new Broken("ops", attempts: 1));
        await Until(() => Failures(other).Length == 1);
        Assert.Equal(["ops: it is down; given up after 1 attempt"], Failures(other));
        Assert.Equal((10, 0), (_store.Read(full).Thread.Version, Failures(full).Length));
    }

    [Fact]
    public async Task What_nobody_foresaw_is_no_end_of_a_channel()
    {
        using var disk = _database.Connect();
        disk.Execute("CREATE TRIGGER odd BEFORE INSERT ON events WHEN NEW.data LIKE '%delivery_failed%' BEGIN SELECT RAISE(ABORT, 'odd'); END");
        var ops = new Broken("ops", attempts: 1);
        Run(ops);
        var thread = await Ask("ops");
        await Until(() => ops.Tries.Count == 2);
        disk.Execute("DROP TRIGGER odd");
        await Until(() => Failures(thread).Length == 1);
    }

    [Fact]
    public async Task One_that_hangs_is_cut_off_and_holds_up_no_other()
    {
        var (stuck, ops) = (new Broken("stuck", 1, hangs: true), new Broken("ops", 1));
        Run(stuck, ops);
        var thread = await Ask("stuck", "ops");
        await Until(() => Failures(thread).Length == 2);
        Assert.Equal(["ops: it is down; given up after 1 attempt", "stuck: it took longer than 30 seconds; given up after 1 attempt"], Failures(thread).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task A_channel_nobody_has_is_told_once_and_its_message_stays_owed()
    {
        Run();
        var thread = await Ask("typo");
        await Until(() => Failures(thread).Length == 1);
        Assert.True(_clock.GetUtcNow() >= Nine + Outbox.Unserved);
        await Until(() => _clock.GetUtcNow() > Nine.AddMinutes(10));
        Assert.Equal(["typo: no running server has a channel 'typo'"], Failures(thread));
        Assert.NotNull(new Outbox(_database, _store).NextDue("typo"));
    }

    [Fact]
    public async Task What_a_process_claimed_and_never_sent_is_sent_by_the_next()
    {
        var thread = await Ask("ops");
        Assert.NotNull(await new Outbox(_database, _store).Claim("ops", Nine));
        var ops = new Broken("ops", attempts: 2);
        Run(ops);
        await Until(() => ops.Tries.Count > 0);
        Assert.True(ops.Tries[0] >= Nine + Outbox.ClaimTime);
        Assert.Equal("pending", WireName.Of(_store.Read(thread).Thread.Status));
    }

    [Theory]
    [InlineData("ops")]
    [InlineData("typo")]
    public async Task What_is_still_owed_of_a_settled_request_ends_when_its_turn_comes(string channel)
    {
        var thread = await Ask();
        await _store.Append(_store.Read(thread), [new RequestExpired(Nine, new(2))]);
        Sql($"INSERT INTO deliveries (thread_id, request, channel, kind, state, due_at) VALUES ('{thread}', 2, '{channel}', 'escalation', 'open', {Nine.ToUnixTimeMilliseconds()})");
        var ops = new Broken("ops", attempts: 2);
        Run(ops);

        await Until(() => Sql("SELECT state FROM deliveries") is "dropped" || _clock.GetUtcNow() > Nine.AddMinutes(10));

        Assert.Equal("dropped", Sql("SELECT state FROM deliveries"));
        Assert.Empty(ops.Tries);
    }

    [Theory]
    [InlineData("ops")]
    [InlineData("nobody")]
    public async Task What_is_owed_of_a_thread_that_was_taken_out_of_the_database_ends_when_its_turn_comes(string channel)
    {
        var thread = await Ask(channel);
        Sql($"PRAGMA foreign_keys = OFF; DROP TRIGGER events_are_never_deleted; DELETE FROM events WHERE thread_id = '{thread}'; DELETE FROM threads WHERE thread_id = '{thread}'");
        var ops = new Broken("ops", attempts: 2);
        Run(ops);

        await Until(() => Sql("SELECT state FROM deliveries") is "dropped" || _clock.GetUtcNow() > Nine.AddMinutes(10));

        Assert.Equal("dropped", Sql("SELECT state FROM deliveries"));
        Assert.Empty(ops.Tries);
    }

    [Theory]
    [InlineData(1, null, 0.0, 0.8)]
    [InlineData(1, null, 1.0, 1.2)]
    [InlineData(11, null, 0.5, 1024)]
    [InlineData(60, null, 0.5, 1800)]
    [InlineData(1, 30, 0.5, 30)]
    [InlineData(11, 30, 0.5, 1024)]
    [InlineData(1, 1_000_000, 0.5, 3600)]
    public void Pauses_double_up_to_half_an_hour_and_what_is_asked_for_is_respected_up_to_an_hour(int attempt, int? asked, double chance, double seconds) =>
        Assert.Equal(seconds, Backoff.After(attempt, asked is { } given ? TimeSpan.FromSeconds(given) : null, chance).TotalSeconds, 3);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _store.Dispose();
        _owner.Dispose();
        _database.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private void Run(params IHumanChannel[] channels)
    {
        _loops = channels.Length + 1;
        _running = new Dispatcher(channels, new Outbox(_database, _store), _store, new Links(() => null, _database.Path, _clock), _clock, NullLogger.Instance).Run(_stop.Token);
    }

    private async Task<ThreadId> Ask(params string[] channels)
    {
        var id = ThreadId.New(Nine);
        await _store.Start(id, new ThreadStarted(Nine, "calculator", "sha256:1", JsonText.Of("go"), "local", "cli", "message_received"), null, takeLease: false);
        await _store.Append(_store.Read(id), [new RequestOpened(Nine, RequestKind.Question, "Which one?", Reach: new(channels))]);
        return id;
    }

    private string[] Failures(ThreadId thread) => [.. _store.Read(thread).Events.OfType<DeliveryFailed>().Select(failed => $"{failed.Channel}: {failed.Error}")];

    private object? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar();
    }

    // Moves the time on, whenever nothing but time is waited for, until it has come about.
    private async Task Until(Func<bool> come)
    {
        var waited = Stopwatch.StartNew();
        while (!come())
        {
            Assert.True(waited.Elapsed < Bench.Patience * 3, "It has not come about.");
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (_clock.Waiting == _loops)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(200));
            }

            await Task.Yield();
        }
    }

    private sealed class Broken(string name, int attempts, Exception? defect = null, bool hangs = false, bool works = false) : IHumanChannel
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
