using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AgentMcp.Server.Channels;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Server.Tests.Channels;

public sealed class The_dispatcher_keeps_trying : DispatcherBench
{
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
    public async Task What_cannot_be_had_for_the_moment_is_told_as_what_it_is()
    {
        Run(new Broken("ops", attempts: 1, new RefusedException(RefusalCode.Unavailable, "The secret of the inbox cannot be used.")));
        var thread = await Ask("ops");
        await Until(() => Failures(thread).Length == 1);
        Assert.Equal(["ops: The secret of the inbox cannot be used.; given up after 1 attempt"], Failures(thread));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task A_thread_that_is_full_and_takes_no_note_of_a_failure_holds_up_no_other()
    {
        var full = await Ask("ops");
        await Store.Append(Store.Read(full), [.. Enumerable.Repeat(new AnswerRefused(Nine, new(2), "model", "mcp", "only a person may answer this"), 8)]);
        var other = await Ask("ops");
        Run(new Broken("ops", attempts: 1));
        await Until(() => Failures(other).Length == 1);
        Assert.Equal(["ops: it is down; given up after 1 attempt"], Failures(other));
        Assert.Equal((10, 0), (Store.Read(full).Thread.Version, Failures(full).Length));
    }

    [Fact]
    public async Task What_nobody_foresaw_is_no_end_of_a_channel()
    {
        using var disk = Database.Connect();
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
        Assert.True(Clock.GetUtcNow() >= Nine + Outbox.Unserved);
        await Until(() => Clock.GetUtcNow() > Nine.AddMinutes(10));
        Assert.Equal(["typo: no running server has a channel 'typo'"], Failures(thread));
        Assert.NotNull(new Outbox(Database, Store).NextDue("typo"));
    }

    [Fact]
    public async Task The_time_until_a_server_knows_its_channel_uses_up_no_attempt()
    {
        Run();
        var thread = await Ask("late");
        await Until(() => (long)Sql("SELECT attempts FROM deliveries")! >= 4 && Sql("SELECT error FROM deliveries WHERE due_at IS NOT NULL") is not null);
        var outbox = new Outbox(Database, Store);
        await Until(() => outbox.NextDue("late") is { } due && due <= Clock.GetUtcNow());
        var claimed = await outbox.Claim("late", Clock.GetUtcNow());
        Assert.Equal((thread, 1), (claimed!.Thread, claimed.Attempt));
    }

    [Fact]
    public async Task What_a_process_claimed_and_never_sent_is_sent_by_the_next()
    {
        var thread = await Ask("ops");
        Assert.NotNull(await new Outbox(Database, Store).Claim("ops", Nine));
        var ops = new Broken("ops", attempts: 2);
        Run(ops);
        await Until(() => ops.Tries.Count > 0);
        Assert.True(ops.Tries[0] >= Nine + Outbox.ClaimTime);
        Assert.Equal("pending", WireName.Of(Store.Read(thread).Thread.Status));
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
}
