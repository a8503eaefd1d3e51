using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class ScheduleTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly Schedules _schedules;

    public ScheduleTests()
    {
        _store = _files.Store();
        _schedules = new(_files.Open(), _store);
    }

    [Fact]
    public async Task A_plan_stays_until_its_expression_changes()
    {
        await _schedules.Plan("triage", "0 9 * * *", Nine);
        await _schedules.Plan("triage", "0 9 * * *", Ten);
        Assert.Equal(new Planned("triage", "0 9 * * *", Nine), _schedules.Find("triage"));
        await _schedules.Plan("triage", "0 10 * * *", Ten);
        Assert.Equal([new Planned("triage", "0 10 * * *", Ten)], _schedules.All());
    }

    [Fact]
    [Trait("Accepts", "F11.5")]
    public async Task Of_two_processes_that_see_it_due_one_fires_and_both_see_when_it_is_due_next()
    {
        await _schedules.Plan("triage", "hourly", Nine);
        var other = _files.Store();
        var due = _schedules.Find("triage")!;
        var started = await Start(_store, new Fired(due, Ten));
        await Assert.ThrowsAsync<UsedUpException>(() => Start(other, new Fired(due, Ten)));
        Assert.Equal(new Planned("triage", "hourly", Ten, Nine, started.Id.Value), new Schedules(_files.Open(), other).Find("triage"));
        Assert.Equal(1L, _files.Scalar<long>("SELECT count(*) FROM threads"));
    }

    [Fact]
    public async Task A_firing_of_a_plan_that_was_changed_meanwhile_starts_nothing()
    {
        await _schedules.Plan("triage", "hourly", Nine);
        var due = _schedules.Find("triage")!;
        await _schedules.Plan("triage", "daily", Ten);
        await Assert.ThrowsAsync<UsedUpException>(() => Start(_store, new Fired(due, Ten)));
        Assert.Equal(0L, _files.Scalar<long>("SELECT count(*) FROM events"));
    }

    [Fact]
    public async Task A_plan_is_corrected_only_as_it_was_seen()
    {
        await _schedules.Plan("triage", "hourly", Ten);
        var seen = _schedules.Find("triage")!;
        await _schedules.Correct(seen, Nine);
        await _schedules.Correct(seen, Ten.AddHours(1));
        Assert.Equal(new Planned("triage", "hourly", Nine), _schedules.Find("triage"));
    }

    public void Dispose() => _files.Dispose();

    private static Task<Started> Start(ThreadStore store, Cause cause) =>
        store.Start(ThreadLog.Of(ThreadId.New(Nine), [TemporaryDatabase.Started("triage")]), null, takeLease: false, cause);
}
