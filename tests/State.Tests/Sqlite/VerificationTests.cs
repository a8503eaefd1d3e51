using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>Every way in which a database can contradict itself is found, with the thread and what to do.</summary>
public sealed class VerificationTests : IDisposable
{
    private const string Definition = """{"name":"deploybot"}""";
    private static readonly string Hash = LogCheck.HashOf(Definition);
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;

    public VerificationTests() => _store = _files.Store();

    [Fact]
    public async Task A_sound_database_has_no_flaw()
    {
        foreach (var log in Logs.Values.Where(log => log.Length > 0))
        {
            await Begin(log);
        }

        await _store.SaveDefinition(Hash, JsonText.Parse(Definition));
        await _store.Start(ThreadId.New(Nine), TemporaryDatabase.Started() with { Definition = Hash }, "key", takeLease: true);
        var verified = new Verification(_files.Open()).Run();
        Assert.Empty(verified.Flaws);
        Assert.Equal((_files.Scalar<long>("SELECT count(*) FROM threads"), _files.Scalar<long>("SELECT count(*) FROM events")), (verified.Threads, verified.Events));
    }

    [Theory]
    [InlineData("UPDATE threads SET status = 'failed', kind = NULL, due_at = NULL",
        "The list of threads does not fit its log: Status is failed and should be pending; Kind is nothing and should be approval.", Verification.Rebuild)]
    [InlineData("DELETE FROM threads", "It is missing in the list of threads.", Verification.Rebuild)]
    [InlineData("DROP TRIGGER events_are_never_deleted; DELETE FROM events", "It is listed and has no events.", Verification.Restore)]
    [InlineData("DROP TRIGGER events_are_never_deleted; DELETE FROM events WHERE version = 2", "Event 2 is missing; the next one is 3.", Verification.Restore)]
    [InlineData("DROP TRIGGER events_are_never_changed; UPDATE events SET data = replace(data, 'v1.4.0', 'v6.6.6') WHERE version = 3",
        "The action in event 3 is not the one its digest was made of.", Verification.Restore)]
    [InlineData("DROP TRIGGER events_are_never_changed; UPDATE events SET data = json_set(data, '$.type', 'tool_returned', '$.call', 2, '$.result', 1) WHERE version = 2",
        "Event 2 cannot be understood: Event 2 (ToolReturned) cannot happen to a thread that is Thinking.", Verification.Restore)]
    [InlineData("DELETE FROM definitions", "The definition it runs under, HASH, is missing.", "Restore a backup (agentmcp restore FILE); until then it goes on as its agent is today.")]
    [InlineData("DELETE FROM deliveries WHERE channel = 'slack'", "Nobody is told through slack of what event 3 asks.", "Answer it with agentmcp answer, or restore a backup.")]
    [InlineData("INSERT INTO deliveries (thread_id, request, channel, kind, state, due_at) SELECT thread_id, 2, 'slack', 'request', 'open', 1 FROM threads",
        "A message is about event 2, which asks nothing and ends nothing.", Verification.Delete)]
    [InlineData("UPDATE threads SET principal = 'eve'",
        "The list of threads does not fit its log: Principal is eve and should be local.", Verification.Rebuild)]
    [InlineData("INSERT INTO relays (thread_id, call, next_at) SELECT thread_id, 3, 0 FROM threads", "Something is under way for call_3, which was never chosen.", Verification.Delete)]
    [InlineData("INSERT INTO places (thread_id, since, source, place) SELECT thread_id, 9, 'ci', '1' FROM threads",
        "It learnt where it came from at version 9, which there is not.", Verification.Restore)]
    public async Task What_does_not_fit_a_log_is_told_with_the_thread_and_what_to_do(string tampering, string what, string toDo)
    {
        var log = await Begin(TemporaryDatabase.Started(), Chose(), (RequestOpened)AskedApproval() with { Reach = new(["Slack", "email"]) });
        _files.Execute("PRAGMA foreign_keys = OFF; " + tampering);
        Assert.Contains(new Flaw(log.Thread.Id.Value, what.Replace("HASH", Hash, StringComparison.Ordinal), toDo), new Verification(_files.Open()).Run().Flaws);
    }

    [Fact]
    public async Task A_changed_definition_and_a_key_of_another_principal_are_told()
    {
        var log = await Begin(TemporaryDatabase.Started());
        var keyed = await _store.Start(ThreadId.New(Nine), TemporaryDatabase.Started() with { Definition = Hash }, "key", takeLease: false);
        _files.Execute("UPDATE definitions SET data = '{}'; UPDATE idempotency_keys SET principal = 'eve'");
        Assert.Equal(
            [
                new(null, $"The definition {Hash} is not what its hash says.", "Restore a backup (agentmcp restore FILE); threads under it would go on as another agent."),
                new(keyed.Id.Value, "The idempotency key 'key' is another principal's.", Verification.Restore),
            ], new Verification(_files.Open()).Run().Flaws);
        Assert.Equal(1, log.Thread.Version);
    }

    [Fact]
    public async Task Rows_are_made_anew_also_while_another_log_cannot_be_read()
    {
        var (bad, good) = (await Begin(Logs["Waiting"]), await Begin(Logs["Completed"]));
        _files.Execute($"DROP TRIGGER events_are_never_changed; UPDATE events SET data = '{{\"type\":\"x\"}}' WHERE thread_id = '{bad.Thread.Id}'; UPDATE threads SET version = 99");
        Assert.Equal(1, new ThreadIndex(_files.Open()).Rebuild());
        Assert.Equal([bad.Thread.Id.Value], new Verification(_files.Open()).Run().Flaws.Select(flaw => flaw.ThreadId));
        Assert.Equal(3, _store.Read(good.Thread.Id).Thread.Version);
    }

    public void Dispose() => _files.Dispose();

    private async Task<ThreadLog> Begin(params ThreadEvent[] log)
    {
        await _store.SaveDefinition(Hash, JsonText.Parse(Definition));
        return await TemporaryDatabase.Begin(_store, [(ThreadStarted)log[0] with { Definition = Hash }, .. log[1..]]);
    }
}
