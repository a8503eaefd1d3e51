using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Channels;

public sealed class What_is_owed_of_nothing_any_more_ends : DispatcherBench
{
    [Theory]
    [InlineData("ops")]
    [InlineData("typo")]
    public async Task What_is_still_owed_of_a_settled_request_ends_when_its_turn_comes(string channel)
    {
        var thread = await Ask();
        await Store.Append(Store.Read(thread), [new RequestExpired(Nine, new(2))]);
        Sql($"INSERT INTO deliveries (thread_id, request, channel, kind, state, due_at) VALUES ('{thread}', 2, '{channel}', 'escalation', 'open', {Nine.ToUnixTimeMilliseconds()})");
        var ops = new Broken("ops", attempts: 2);
        Run(ops);

        await Until(() => Sql("SELECT state FROM deliveries") is "dropped" || Clock.GetUtcNow() > Nine.AddMinutes(10));

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

        await Until(() => Sql("SELECT state FROM deliveries") is "dropped" || Clock.GetUtcNow() > Nine.AddMinutes(10));

        Assert.Equal("dropped", Sql("SELECT state FROM deliveries"));
        Assert.Empty(ops.Tries);
    }
}
