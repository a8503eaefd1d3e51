using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class IdempotencyTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task The_same_key_leads_the_same_caller_to_the_same_thread_in_any_process()
    {
        var first = await Start(_files.Store(), "k1");
        var again = await Start(_files.Store(), "k1");
        Assert.Equal((first.Id, true, false, null), (again.Id, first.IsNew, again.IsNew, again.Lease));
        Assert.Equal(1, _files.Scalar<int>("SELECT count(*) FROM events"));
    }

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task The_same_key_with_another_input_or_agent_is_refused_and_starts_nothing()
    {
        var store = _files.Store();
        var first = await Start(store, "k1");
        foreach (var other in new[] { TemporaryDatabase.Started(input: "\"stop\""), TemporaryDatabase.Started(agent: "rollback") })
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => store.Start(ThreadId.New(Nine), other, "k1", takeLease: true));
            Assert.Equal(
                (RefusalCode.IdempotencyConflict, $"The idempotency_key 'k1' already stands for {first.Id}, which was started with another agent or input. Use a new key for a new call, or call get_thread with that thread_id."),
                (refused.Code, refused.Message));
        }

        Assert.Equal(1, _files.Scalar<int>("SELECT count(*) FROM threads"));
    }

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task The_same_key_of_another_caller_is_another_key()
    {
        var store = _files.Store();
        var mine = await Start(store, "k1");
        var theirs = await Start(store, "k1", TemporaryDatabase.Started(principal: "ravi"));
        Assert.NotEqual(mine.Id, theirs.Id);
        Assert.True(theirs.IsNew);
    }

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task What_a_caller_has_started_is_found_by_its_key_and_by_what_it_was_started_with()
    {
        var store = _files.Store();
        var (id, started) = ((await Start(store, "k1")).Id, TemporaryDatabase.Started());
        Assert.Equal(
            [id, id, null, null, null],
            new[]
            {
                store.FindStarted(started.Principal, "k1"), store.FindStarted(started.Principal, "k1", (started.Agent, started.Input)),
                store.FindStarted(started.Principal, "k1", (started.Agent, JsonText.Null)), store.FindStarted(started.Principal, "k2"), store.FindStarted("ravi", "k1"),
            });
    }

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task Without_a_key_every_call_is_a_thread_of_its_own()
    {
        var store = _files.Store();
        Assert.NotEqual((await Start(store, null)).Id, (await Start(store, null)).Id);
    }

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task The_same_key_many_times_at_once_starts_one_thread()
    {
        ThreadStore[] stores = [_files.Store(), _files.Store()];
        var started = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Start(stores[i % 2], "k1"))));
        Assert.Single(started.Select(s => s.Id).Distinct());
        Assert.Single(started, s => s.IsNew);
        Assert.Equal(1, _files.Scalar<int>("SELECT count(*) FROM threads"));
    }

    [Fact]
    public async Task A_definition_is_found_by_its_hash_in_any_process_and_stored_once()
    {
        var (one, two) = (_files.Store(), _files.Store());
        var definition = JsonText.Parse("""{"name":"deploybot"}""");
        await one.SaveDefinition("sha256:d1", definition);
        await two.SaveDefinition("sha256:d1", definition);
        Assert.Equal(definition, _files.Store().FindDefinition("sha256:d1"));
        Assert.Null(one.FindDefinition("sha256:d2"));
        Assert.Equal(1, _files.Scalar<int>("SELECT count(*) FROM definitions"));
    }

    [Fact]
    public async Task A_definition_that_could_not_be_stored_is_not_taken_for_stored()
    {
        var store = _files.Store();
        _files.Execute("CREATE TRIGGER broken BEFORE INSERT ON definitions BEGIN SELECT RAISE(ABORT, 'broken'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => store.SaveDefinition("sha256:d1", JsonText.Null));
        _files.Execute("DROP TRIGGER broken");
        await store.SaveDefinition("sha256:d1", JsonText.Null);
        Assert.Equal(1, _files.Scalar<int>("SELECT count(*) FROM definitions"));
    }

    public void Dispose() => _files.Dispose();

    private static Task<Started> Start(ThreadStore store, string? key, ThreadStarted? started = null) =>
        store.Start(ThreadId.New(Nine), started ?? TemporaryDatabase.Started(), key, takeLease: true);
}
