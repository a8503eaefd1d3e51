using AgentMcp.Faults.Sweep;
using AgentMcp.Faults.World;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Faults;

/// <summary>What clients were told and what was read before: each way of losing it is told, and what was compared is counted.</summary>
public sealed class ArchiveTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly ThreadStarted Started = new(At, "worker", "sha256:none", JsonText.Parse("{}"), "local", "stdio", "message_received");
    private static readonly StepChosen Chosen = new(At, "ask", JsonText.Parse("{}"), "rules");
    private static readonly RequestOpened Asked = new(At, RequestKind.Question, "Which?");

    private readonly ThreadId _thread = ThreadId.New(At);
    private readonly TheWorld _world = new(new Pulse());
    private readonly Tally _tally = new();
    private readonly Database _database;
    private readonly Archive _archive;

    public ArchiveTests()
    {
        _database = Database.Open(_world.Database);
        _archive = new(_database, _world, _tally);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _database.Dispose();
        await _world.DisposeAsync(keep: false);
    }

    [Fact]
    public async Task What_clients_were_told_and_is_there_is_as_it_must_be_and_all_of_it_is_compared()
    {
        await Store(Started, Chosen, Asked, Answered(words: "this"));
        _archive.Tell(new($"{_thread}", 2, "running"));
        _archive.Tell(new($"{_thread}", 3, "pending"));
        _archive.Acknowledge(new($"{_thread}", 3, new(null, "this")));

        Assert.Empty(_archive.Check());
        Assert.Empty(_archive.Check());

        Assert.Equal((2, 2), Heard(Archive.Versions));
        Assert.Equal((1, 1), Heard(Archive.Answers));
        Assert.Equal(4, _tally.Of(Archive.ReadAgain, Archive.Here));
    }

    [Fact]
    public async Task A_version_that_a_client_was_told_of_and_that_is_not_there_is_told()
    {
        await Store(Started, Chosen);
        _archive.Tell(new($"{_thread}", 3, "running"));
        Assert.Equal([$"{_thread}: a client was told of version 3, and there are 2"], _archive.Check());
    }

    [Fact]
    public void A_thread_that_a_client_was_told_of_and_that_is_not_there_is_told()
    {
        _archive.Tell(new($"{_thread}", 1, "running"));
        Assert.Equal([$"{_thread}: a client was told of version 1, and there are 0"], _archive.Check());
    }

    [Fact]
    public async Task Another_status_than_a_client_was_told_is_told()
    {
        await Store(Started, Chosen);
        _archive.Tell(new($"{_thread}", 2, "completed"));
        Assert.Equal([$"{_thread}: a client was told 'completed' at version 2, and it was 'running'"], _archive.Check());
    }

    [Fact]
    public async Task An_answer_that_was_taken_and_is_not_stored_is_told()
    {
        await Store(Started, Chosen, Asked);
        _archive.Acknowledge(new($"{_thread}", 3, new(null, "this")));
        Assert.Equal([$"{_thread}: the answer {new Said(null, "this")} to request 3 was acknowledged, and what is there is nothing"], _archive.Check());
    }

    [Fact]
    public async Task An_answer_that_was_taken_and_is_stored_as_another_is_told()
    {
        await Store(Started, Chosen, Asked, Answered(words: "that"));
        _archive.Acknowledge(new($"{_thread}", 3, new(null, "this")));
        Assert.Equal([$"{_thread}: the answer {new Said(null, "this")} to request 3 was acknowledged, and what is there is {Answered(words: "that")}"], _archive.Check());
    }

    [Fact]
    public async Task An_event_that_was_read_and_has_changed_is_told()
    {
        await Store(Started, Chosen);
        Assert.Empty(_archive.Check());
        Write("DROP TRIGGER events_are_never_changed; UPDATE events SET data = json_set(data, '$.intent', 'tell') WHERE version = 2");
        Assert.Equal([$"{_thread}: what was read before has changed: there were 2 events and now there are 2"], _archive.Check());
    }

    [Fact]
    public async Task An_event_that_was_read_and_is_gone_is_told()
    {
        await Store(Started, Chosen);
        Assert.Empty(_archive.Check());
        Write("DROP TRIGGER events_are_never_deleted; DELETE FROM events WHERE version = 2; UPDATE threads SET version = 1");
        Assert.Equal([$"{_thread}: what was read before has changed: there were 2 events and now there are 1"], _archive.Check());
    }

    [Fact]
    public async Task A_thread_that_is_listed_as_what_it_is_not_is_told()
    {
        await Store(Started, Chosen);
        Write("UPDATE threads SET status = 'completed'");
        Assert.Equal([$"{_thread}: listed as completed at version 2, and its log says running at 2"], _archive.Check());
    }

    [Fact]
    public void A_sweep_that_tried_too_little_is_told_of_each_that_is_missing()
    {
        var tally = new Tally();
        Assert.Equal(Least.Counts.Length, Least.Missing(tally, Least.Kills).Count());
        foreach (var (table, row, column, times) in Least.Counts)
        {
            tally.Count(table, row ?? "any", column ?? "", 10 * times);
        }

        tally.Count(Archive.Heard, Archive.Versions, Archive.Said, tally.Of(Archive.Heard, Archive.Versions));
        tally.Count(Archive.Heard, Archive.Answers, Archive.Said, tally.Of(Archive.Heard, Archive.Answers));
        Assert.Empty(Least.Missing(tally, 10 * Least.Kills));

        tally.Count(Archive.Heard, Archive.Answers, Archive.Said);
        Assert.Equal(["what clients heard, that an answer was taken, compared: 200, and 201 were heard"], Least.Missing(tally, Least.Kills));
    }

    private static RequestAnswered Answered(string words) => new(At, new(3), "local", "stdio", Response: JsonText.Of(words));

    private (int Said, int Compared) Heard(string what) => (_tally.Of(Archive.Heard, what, Archive.Said), _tally.Of(Archive.Heard, what, Archive.Compared));

    private async Task Store(params ThreadEvent[] events)
    {
        using var owner = new Owner(_database);
        using var store = new ThreadStore(_database, owner);
        await store.Start(ThreadLog.Of(_thread, events), idempotencyKey: null, takeLease: false);
    }

    private void Write(string sql)
    {
        using var connection = _database.Connect();
        connection.Execute(sql);
    }
}
