using System.Collections.Immutable;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Histories;

/// <summary>Does what a history says to a real file and to the reference, and compares the two after every deed.</summary>
internal sealed class History : IDisposable
{
    private readonly Database _database;
    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly List<ThreadId> _threads = [];
    private readonly List<Station> _everyone = [];
    private readonly Station[] _stations;
    private Reference _reference = Reference.Empty;
    private int _deeds;

    public History(Database database)
    {
        _database = database;
        _stations = [.. Enumerable.Range(0, Deed.Processes).Select(_ => New(TimeSpan.Zero))];
    }

    /// <summary>How many processes have died in the middle of a deed.</summary>
    public int Deaths { get; private set; }

    public async Task Run(IEnumerable<Deed> deeds)
    {
        foreach (var deed in deeds)
        {
            await Do(deed);
            _deeds++;
        }

        await Finish();
    }

    public void Dispose() => _everyone.ForEach(station => station.Dispose());

    private async Task Do(Deed deed)
    {
        var station = _stations[deed.Process];
        if (deed.Dies is { } instructions)
        {
            await station.DieAfter(instructions);
        }

        var before = _reference;
        var death = await Record.ExceptionAsync(() => Act(deed, station));
        if (deed.Dies is null)
        {
            Assert.Null(death);
            Assert.Equal(_reference.Told(), Observed());
            return;
        }

        // Nobody knows whether it was done, but it was done as a whole or not at all.
        Deaths++;
        var observed = Observed();
        _reference = observed == before.Told() ? before with { Dead = _reference.Dead } : _reference;
        Assert.Equal(_reference.Told(), observed);
        _threads.RemoveRange(_reference.Logs.Count, _threads.Count - _reference.Logs.Count);
        Replace(deed.Process);
    }

    private async Task Act(Deed deed, Station station)
    {
        var now = Now(station);
        var thread = _threads.Count == 0 ? -1 : deed.Thread % _threads.Count;
        switch (deed.Act)
        {
            case Histories.Act.Start:
                await Start(station, deed.Number < 4 ? $"{_name} {deed.Number}" : null, now);
                break;
            case Histories.Act.Restart:
                Replace(deed.Process);
                break;
            case Histories.Act.SetClock:
                // An hour ahead and minutes behind, and all between.
                station.Clock = TimeSpan.FromSeconds(new[] { 0, 1, 14, 16, 29, 31, 60, 3600, -1, -16, -31, -600 }[deed.Number]);
                break;
            case Histories.Act.Renew:
                _reference = _reference.Renewed(station.Number, now.ToUnixTimeMilliseconds());
                await station.Store.RenewLeases(now);
                break;
            case Histories.Act.Find:
                Assert.Equal(
                    Running().Where(one => !_reference.IsHeld(one, station.Number, now.ToUnixTimeMilliseconds())).Select(one => _threads[one]),
                    station.Index.Runnable(station.Owner, now, 1_000_000).Intersect(_threads).OrderBy(_threads.IndexOf));
                break;
            case Histories.Act.Look when thread >= 0:
                station.Read[thread] = station.Store.Read(_threads[thread]);
                Assert.Equal(_reference.Logs[thread], Stored(station.Read[thread].Events));
                break;
            case Histories.Act.Take when station.Read.TryGetValue(thread, out var log) && log.Thread.Status == ThreadStatus.Running:
                await Append(station, thread, [], LeaseUse.Take, leased: false, now);
                break;
            case Histories.Act.Step when station.Leases.ContainsKey(thread) && station.Read.TryGetValue(thread, out var log) && Steps.Next(log.Thread, deed.Number, now, call => station.Running.Contains((thread, call))) is { } step:
                await Append(station, thread, ThreadDecider.Decide(log.Thread, step.Command), step.Then, leased: true, now);
                break;
            case Histories.Act.Release when station.Leases.ContainsKey(thread) && station.Read.ContainsKey(thread):
                await Append(station, thread, [], LeaseUse.Release, leased: true, now);
                break;
            case Histories.Act.Answer when station.Read.TryGetValue(thread, out var log) && Steps.AnswerTo(log.Thread, deed.Number, now) is { } answer:
                await Append(station, thread, ThreadDecider.Decide(log.Thread, answer), LeaseUse.Take, leased: false, now);
                break;
            case Histories.Act.Cancel when station.Read.TryGetValue(thread, out var log):
                await Append(station, thread, ThreadDecider.Decide(log.Thread, new CancelThread(now, "mia", "cli", null)), LeaseUse.Revoke, leased: false, now);
                break;
        }
    }

    private async Task Start(Station station, string? key, DateTimeOffset now)
    {
        var started = TemporaryStart(now);
        var log = ThreadLog.Of(ThreadId.New(now), [started]);
        var (then, thread) = _reference.Start(_threads.Count, Stored(log.Events), key, station.Number, now.ToUnixTimeMilliseconds());
        _threads.AddRange(then == _reference ? [] : [log.Thread.Id]);
        _reference = then;
        var result = await station.Store.Start(log, key, takeLease: true);
        Assert.Equal(_threads[thread], result.Id);
        if (result.Lease is { } lease)
        {
            (station.Read[thread], station.Leases[thread]) = (log, lease);
        }
    }

    private async Task Append(Station station, int thread, IReadOnlyList<ThreadEvent> events, LeaseUse then, bool leased, DateTimeOffset now)
    {
        var log = station.Read[thread];
        var (expected, refusal) = _reference.Append(thread, log.Thread.Version, Stored(events), leased, then, station.Number, now.ToUnixTimeMilliseconds());
        var took = then == LeaseUse.Take && refusal is null && !_reference.IsHeld(thread, station.Number, now.ToUnixTimeMilliseconds());
        _reference = expected;
        (ThreadLog Log, Lease? Lease) done = default;
        var thrown = await Record.ExceptionAsync(async () => done = await station.Store.Append(log, events, then, leased ? station.Leases[thread] : null, now));
        if (thrown is DatabaseException)
        {
            throw thrown;
        }

        Assert.Equal(refusal, thrown?.GetType());
        if (thrown is null)
        {
            station.Read[thread] = done.Log!;
            station.Running.UnionWith(events.OfType<ToolStarted>().Select(started => (thread, started.Call)));
            Assert.Equal(took || (leased && then == LeaseUse.None), done.Lease is not null);
            if (took)
            {
                station.Leases[thread] = done.Lease!;
            }
        }
    }

    // Long after, one process comes to all of it: whatever happened, every thread can be ended, and whoever ran it is fenced off.
    private async Task Finish()
    {
        Assert.DoesNotContain(_reference.Logs.Values, log => log.Select(ThreadJson.Read).OfType<RequestAnswered>().GroupBy(answer => answer.Request).Any(same => same.Count() > 1));
        using var last = New(TimeSpan.FromDays(1));
        foreach (var (thread, id) in _threads.Index())
        {
            var log = last.Store.Read(id);
            Assert.Equal(_reference.Logs[thread], Stored(log.Events));
            Assert.Equal(ThreadIndex.RowOf(log.Thread), _database.Read(session => ThreadIndex.Find(session, id.Value)));
            if (log.Thread.Status == ThreadStatus.Running)
            {
                Assert.NotNull((await last.Store.Append(log, [], LeaseUse.Take, now: Now(last))).Lease);
            }

            await last.Store.Append(log, ThreadDecider.Decide(log.Thread, new CancelThread(Now(last), "mia", "cli", null)), LeaseUse.Revoke);
            Assert.True(last.Store.Read(id).Thread.IsFinal);
            foreach (var station in _stations.Where(station => station.Leases.ContainsKey(thread)))
            {
                await Assert.ThrowsAsync<LeaseLostException>(() => station.Store.Append(last.Store.Read(id), [], LeaseUse.Release, station.Leases[thread]));
            }
        }
    }

    private string Observed() => _database.Read(session =>
    {
        var numbers = _everyone.ToDictionary(station => station.Owner.Id, station => station.Number);
        var logs = _threads.Select((id, i) => (i, Log: session.Rows("SELECT data FROM events WHERE thread_id = $1 ORDER BY version", row => row.GetString(0), id.Value).ToImmutableList()));
        var holders = _threads.Select((id, i) => (i, Owner: session.Scalar<string>("SELECT owner FROM leases WHERE thread_id = $1", id.Value))).Where(one => one.Owner is not null);
        var expires = numbers.Select(one => (one.Value, At: session.Scalar<long>("SELECT expires_at FROM owners WHERE owner = $1", one.Key))).Where(one => one.At > 0);
        var keys = session.Rows("SELECT key, thread_id FROM idempotency_keys WHERE key GLOB $1", row => (row.GetString(0), row.GetString(1)), _name + " *");
        return (Reference.Empty with
        {
            Logs = logs.Where(one => one.Log.Count > 0).ToImmutableSortedDictionary(one => one.i, one => one.Log),
            Holders = holders.ToImmutableSortedDictionary(one => one.i, one => numbers[one.Owner!]),
            Expires = expires.ToImmutableSortedDictionary(one => one.Value, one => one.At),
            Keys = keys.ToImmutableSortedDictionary(one => one.Item1, one => _threads.FindIndex(id => id.Value == one.Item2)),
        }).Told();
    });

    private IEnumerable<int> Running() => _reference.Logs.Where(log => AgentThread.Fold(_threads[log.Key], log.Value.Select(ThreadJson.Read)).Status == ThreadStatus.Running).Select(log => log.Key);

    private DateTimeOffset Now(Station station) => Happened.Nine.AddSeconds(_deeds) + station.Clock;

    private void Replace(int place)
    {
        _reference = _reference with { Dead = _reference.Dead.Add(_stations[place].Number) };
        _stations[place].Dispose();
        _stations[place] = New(_stations[place].Clock);
    }

    private Station New(TimeSpan clock)
    {
        var station = new Station(_database.Path, _everyone.Count, clock);
        _everyone.Add(station);
        return station;
    }

    private static ThreadStarted TemporaryStart(DateTimeOffset now) => new(now, "clerk", Any_history.Definition, JsonText.Of("go"), "local", "test", "message_received");

    private static ImmutableList<string> Stored(IEnumerable<ThreadEvent> events) => [.. events.Select(ThreadJson.Write)];
}
