using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class LeaseTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly Database _database;
    private readonly Owner _first;
    private readonly Owner _second;
    private readonly ThreadStore _one;
    private readonly ThreadStore _two;

    public LeaseTests()
    {
        _database = _files.Open();
        (_first, _second) = (_files.Keep(new Owner(_database)), _files.Keep(new Owner(_database)));
        (_one, _two) = (_files.Store(_first), _files.Store(_second));
    }

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task A_lease_is_given_to_one_and_refused_to_everybody_else()
    {
        var id = (await TemporaryDatabase.Begin(_one)).Thread.Id;
        Assert.NotNull(await Take(_one, id, Nine));
        Assert.Null(await Take(_two, id, Nine));
        Assert.Null(await Take(_one, id, Nine));
    }

    [Fact]
    public async Task A_released_lease_is_free_and_its_token_is_never_given_again()
    {
        var id = (await TemporaryDatabase.Begin(_one)).Thread.Id;
        var tokens = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            var lease = await Take(i % 2 == 0 ? _one : _two, id, Nine);
            tokens.Add(lease!.Token);
            await _one.Append(_one.Read(id), [], LeaseUse.Release, lease);
        }

        Assert.Equal([1, 2, 3, 4, 5], tokens);
    }

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task A_hanging_owner_loses_its_leases_when_it_expires_and_not_before()
    {
        var log = await TemporaryDatabase.Begin(_one);
        var lost = await Take(_one, log.Thread.Id, Nine);
        Assert.Null(await Take(_two, log.Thread.Id, Nine + Owner.Lifetime - TimeSpan.FromMilliseconds(1)));
        var taken = await Take(_two, log.Thread.Id, Nine + Owner.Lifetime);
        Assert.True(taken!.Token > lost!.Token);
        await Assert.ThrowsAsync<LeaseLostException>(() => _one.Append(log, [Chose("late")], lease: lost));
        await _two.Append(log, [Chose("in time")], lease: taken);
        Assert.Equal([TemporaryDatabase.Started(), Chose("in time")], _one.Read(log.Thread.Id).Events);
    }

    [Fact]
    public async Task A_renewed_owner_keeps_its_leases()
    {
        var id = (await TemporaryDatabase.Begin(_one)).Thread.Id;
        await Take(_one, id, Nine);
        Assert.Equal([id], await _one.RenewLeases(Nine + Owner.Lifetime / 2));
        Assert.Null(await Take(_two, id, Nine + Owner.Lifetime));
    }

    [Fact]
    public async Task An_owner_that_was_robbed_learns_it_when_it_renews()
    {
        var (kept, robbed) = ((await TemporaryDatabase.Begin(_one)).Thread.Id, (await TemporaryDatabase.Begin(_one)).Thread.Id);
        await Take(_one, kept, Nine);
        await Take(_one, robbed, Nine);
        await Take(_two, robbed, Nine + Owner.Lifetime);
        Assert.Equal([kept], await _one.RenewLeases(Nine + Owner.Lifetime));
    }

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task The_threads_of_a_process_that_is_gone_can_be_taken_over_at_once()
    {
        var id = (await TemporaryDatabase.Begin(_one)).Thread.Id;
        await Take(_one, id, Nine);
        _first.Dispose();
        Assert.NotNull(await Take(_two, id, Nine));
    }

    [Fact]
    public async Task A_lock_file_that_nobody_holds_is_taken_for_the_dead_owner_it_is_and_cleared_away()
    {
        var id = (await TemporaryDatabase.Begin(_one)).Thread.Id;
        await Take(_one, id, Nine);
        _first.Dispose();
        var left = Path.Combine(_database.OwnersFolder, _first.Id + ".lock");
        File.WriteAllText(left, "");
        Assert.NotNull(await Take(_two, id, Nine));
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task A_lock_file_somebody_else_is_looking_at_is_not_a_living_owner()
    {
        var id = (await TemporaryDatabase.Begin(_one)).Thread.Id;
        await Take(_one, id, Nine);
        _first.Dispose();
        var left = Path.Combine(_database.OwnersFolder, _first.Id + ".lock");
        File.WriteAllText(left, "");
        using var looking = new FileStream(left, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Assert.NotNull(await Take(_two, id, Nine));
    }

    [Fact]
    public void Whoever_starts_clears_away_the_lock_files_of_those_that_were_killed_without_a_lease()
    {
        string[] left = [.. Enumerable.Range(1, 3).Select(i => Path.Combine(_database.OwnersFolder, $"own_{i}.lock"))];
        Array.ForEach(left, file => File.WriteAllText(file, ""));
        Array.ForEach(left[1..], file => File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-2)));
        File.SetLastWriteTimeUtc(Path.Combine(_database.OwnersFolder, _first.Id + ".lock"), DateTime.UtcNow.AddDays(-1));

        var third = _files.Keep(new Owner(_database));

        // The youngest may be about to be locked; the first has lived for a day.
        Assert.Equal(
            new[] { "own_1.lock", _first.Id + ".lock", _second.Id + ".lock", third.Id + ".lock" }.Order(StringComparer.Ordinal),
            Directory.GetFiles(_database.OwnersFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task A_revoked_lease_fences_off_the_run_that_held_it()
    {
        var started = await _one.Start(ThreadId.New(Nine), TemporaryDatabase.Started(), null, takeLease: true);
        var log = _two.Read(started.Id);
        var (cancelled, _) = await _two.Append(log, [Stopped], LeaseUse.Revoke);
        await Assert.ThrowsAsync<LeaseLostException>(() => _one.Append(log, [Chose()], lease: started.Lease));
        Assert.Equal(cancelled.Events, _one.Read(started.Id).Events);
    }

    [Fact]
    public async Task An_append_takes_or_releases_the_lease_in_its_own_commit()
    {
        var log = await TemporaryDatabase.Begin(_one);
        var (chosen, lease) = await _one.Append(log, [Chose()], LeaseUse.Take);
        Assert.Null((await _two.Append(chosen, [], LeaseUse.Take, now: Nine)).Lease);
        var (begun, kept) = await _one.Append(chosen, [Began()], lease: lease);
        Assert.Equal(lease, kept);
        Assert.Null((await _one.Append(begun, [Returned()], LeaseUse.Release, lease)).Lease);
        Assert.NotNull(await Take(_two, log.Thread.Id, Nine));
    }

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task A_lease_is_not_taken_on_a_log_that_has_moved_on()
    {
        var log = await TemporaryDatabase.Begin(_one);
        var lease = await Take(_two, log.Thread.Id, Nine);
        await _two.Append(log, [Asked()], LeaseUse.Release, lease);
        await Assert.ThrowsAsync<ConflictException>(() => _one.Append(log, [], LeaseUse.Take, now: Nine));
        Assert.NotNull(await Take(_two, log.Thread.Id, Nine));
    }

    [Fact]
    public async Task A_lease_taken_without_an_event_lasts_from_now_and_not_from_the_last_event()
    {
        var log = await TemporaryDatabase.Begin(_one);
        Assert.NotNull((await _one.Append(log, [], LeaseUse.Take, now: Ten)).Lease);
        Assert.Null(await Take(_two, log.Thread.Id, Ten));
        Assert.Empty(new ThreadIndex(_database).Runnable(_second, Ten, 10));
    }

    [Fact]
    public async Task An_append_stands_even_when_the_lease_it_asks_for_is_held()
    {
        var log = await TemporaryDatabase.Begin(_one);
        await Take(_two, log.Thread.Id, Nine);
        var (next, lease) = await _one.Append(log, [Chose()], LeaseUse.Take);
        Assert.Equal((2, null), (next.Thread.Version, lease));
    }

    [Fact]
    public async Task A_lease_from_an_owner_whose_first_renewal_was_rolled_back_still_holds()
    {
        var id = (await TemporaryDatabase.Begin(_one)).Thread.Id;
        await Assert.ThrowsAsync<InvalidOperationException>(() => _one.Commits.Run<bool>(session =>
        {
            Leases.Renew(session, _first, Nine);
            throw new InvalidOperationException("undo this");
        }));
        Assert.NotNull(await Take(_one, id, Nine));
        Assert.Null(await Take(_two, id, Nine));
    }

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task What_can_run_is_what_runs_without_a_living_lease_and_what_is_due()
    {
        var index = new ThreadIndex(_database);
        var free = await TemporaryDatabase.Begin(_one, [TemporaryDatabase.Started(at: Nine)]);
        var held = await TemporaryDatabase.Begin(_one, [TemporaryDatabase.Started(at: Nine.AddSeconds(1))]);
        var asleep = await TemporaryDatabase.Begin(_one, [TemporaryDatabase.Started(at: Nine.AddSeconds(2)), Asked(RequestKind.Sleep, due: Ten)]);
        await TemporaryDatabase.Begin(_one, Logs["Waiting"]);
        await TemporaryDatabase.Begin(_one, Logs["Completed"]);
        await Take(_one, held.Thread.Id, Nine);
        Assert.Equal([free.Thread.Id], index.Runnable(_second, Nine.AddSeconds(5), 10));
        Assert.Equal([free.Thread.Id, held.Thread.Id, asleep.Thread.Id], index.Runnable(_second, Ten, 10));
        Assert.Equal([free.Thread.Id, asleep.Thread.Id], index.Runnable(_second, Ten, 1));
        _first.Dispose();
        Assert.Equal([free.Thread.Id, held.Thread.Id], index.Runnable(_second, Nine.AddSeconds(5), 10));
    }

    public void Dispose() => _files.Dispose();

    private static async Task<Lease?> Take(ThreadStore store, ThreadId id, DateTimeOffset now) =>
        (await store.Append(store.Read(id), [], LeaseUse.Take, now: now)).Lease;
}
