using System.Diagnostics;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Triggers;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Triggers;

/// <summary>What is said to a thread that works elsewhere, with a clock that is moved by hand.</summary>
public sealed class Words_wait_as_long_as_it_takes : IAsyncDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly MailServer _mail = new();
    private readonly TestFolder _folder = new();
    private readonly SteppedClock _clock = new(Nine);
    private readonly CancellationTokenSource _stop = new();
    private readonly Core _core;
    private readonly Database _elsewhere;
    private readonly Owner _owner;
    private readonly ThreadStore _store;
    private readonly int _idle;
    private readonly Task _running;

    public Words_wait_as_long_as_it_takes()
    {
        Dictionary<string, string?> settings = new() { ["db"] = _folder.Database, ["model"] = "rules", ["agents_home"] = "off" };
        foreach (var (name, value) in _mail.As("mail", "notify=").With("post", "type=email", "channel=mail", "agent=calculator", "from=*", "secret=" + Receiver.Secret))
        {
            settings[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        }

        _core = new Core(Settings.Load(settings), NullLoggerFactory.Instance, _clock);
        _elsewhere = Database.Open(_folder.Database);
        _owner = new Owner(_elsewhere);
        _store = new ThreadStore(_elsewhere, _owner);
        _idle = _clock.Waiting + 1;
        _running = _core.Triggers.Run(_stop.Token);
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public async Task Whoever_waited_long_is_still_told_that_it_did_not_count_when_the_mail_server_is_away_for_a_moment()
    {
        var thread = await AtWork();
        await Say("m1", "use 5");
        await Until(() => _clock.GetUtcNow() > Nine.AddMinutes(5));
        Assert.Equal($"open {thread} is at work", Row("m1"));
        _mail.Refusals.Enqueue("451 4.3.0 for a moment");

        await _store.Append(_store.Read(thread), [new RequestOpened(_clock.GetUtcNow(), RequestKind.Question, "Which one?")]);
        await Until(() => Row("m1").StartsWith("refused", StringComparison.Ordinal));

        Assert.Equal("That was said before it was asked: “Which one?” If it is the answer, please say it again.\n", (await _mail.Next()).Plain);
        Assert.Equal("refused That was said before it was asked: “Which one?” If it is the answer, please say it again.", Row("m1"));
    }

    [Fact]
    public async Task They_are_looked_at_ever_more_seldom()
    {
        await AtWork();
        await Say("m1", "use 5");
        List<DateTimeOffset> due = [];
        await Until(() =>
        {
            if (_core.Triggers.Arrivals.NextDue("post") is { } next && next - _clock.GetUtcNow() < Arrivals.ClaimTime / 2 && due.LastOrDefault() < next)
            {
                due.Add(next);
            }

            return _clock.GetUtcNow() > Nine.AddMinutes(5);
        });

        var pauses = due.Zip(due.Skip(1), (one, next) => (next - one).TotalSeconds).ToList();
        Assert.InRange(pauses[1], 2, 4);
        Assert.InRange(pauses[^1], 28, 32);
        Assert.True(due.Count < 30, $"It was looked at {due.Count} times.");
    }

    [Fact]
    [Trait("Accepts", "F6.9")]
    public async Task They_are_said_as_soon_as_a_thread_of_this_process_stops()
    {
        var thread = await AtWork();
        await Say("m1", "multiply 6 and 7");
        await Until(() => _clock.GetUtcNow() > Nine.AddMinutes(5) && Row("m1").StartsWith("open", StringComparison.Ordinal));
        var then = _clock.GetUtcNow();

        // It is over, so that what is said begins another.
        await _core.Host.Cancel(thread, new Responder("local", "cli"), null);
        await Come(() => Row("m1") == "done");

        Assert.Equal(then, _clock.GetUtcNow());
    }

    [Fact]
    public async Task Those_for_a_thread_whose_log_is_damaged_are_tried_with_growing_pauses()
    {
        ForeignEvent.Append(_folder.Database, (await AtWork()).Value);
        await Say("m1", "use 5");

        // After 1, 2, 4 and 8 seconds, each a fifth more or less.
        using var connection = _elsewhere.Connect();
        await Until(() => connection.QuerySingle<int>("SELECT attempts FROM arrivals WHERE id = 'm1'") == 5);

        Assert.Equal("open the log of its thread cannot be read", Row("m1"));
        Assert.InRange((_clock.GetUtcNow() - Nine).TotalSeconds, 12, 30);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _core.Stop(TimeSpan.Zero);
        _core.Dispose();
        _store.Dispose();
        _owner.Dispose();
        _elsewhere.Dispose();
        await _mail.DisposeAsync();
        _stop.Dispose();
        _folder.Dispose();
    }

    // A thread of the conversation c1, which some other process runs.
    private async Task<ThreadId> AtWork()
    {
        var arrivals = new Arrivals(_elsewhere, _store);
        await arrivals.Take("other", "m0", "c1", JsonText.Null, Nine);
        var first = (await arrivals.Claim("other", Nine))!;
        var id = ThreadId.New(Nine);
        await _store.Start(ThreadLog.Of(id, [new ThreadStarted(Nine, "calculator", "sha256:1", JsonText.Of("go"), "local", "email:post", "email_received")]), null, takeLease: false,
            new Arrived(first, new Place("post", "c1", "mail", JsonText.Null)));
        return id;
    }

    private async Task Say(string id, string words) => Assert.True(await _core.Triggers.Arrivals.Take("post", id, "c1", new Incoming.Message(
        "calculator", "mia@people.example", "email_received", JsonText.Parse("{}"), words, IsVouched: false, "c1", Channel: "mail",
        Place: JsonText.Parse("""{"to":"mia@people.example","references":[]}""")).Json(), _clock.GetUtcNow()));

    private string Row(string id)
    {
        using var connection = _elsewhere.Connect();
        return connection.QuerySingle<string>("SELECT concat_ws(' ', state, error) FROM arrivals WHERE id = @id", new { id });
    }

    // Moves the time on, whenever nothing but time is waited for, until it has come about. What is being dealt with is due once its claim ends.
    private Task Until(Func<bool> come) => Come(() =>
    {
        if (_clock.Waiting == _idle && _core.Triggers.Arrivals.NextDue("post") - _clock.GetUtcNow() < Arrivals.ClaimTime - TimeSpan.FromSeconds(5))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        return come();
    });

    private static async Task Come(Func<bool> about)
    {
        var waited = Stopwatch.StartNew();
        while (!about())
        {
            Assert.True(waited.Elapsed < Bench.Patience * 3, "It has not come about.");
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
