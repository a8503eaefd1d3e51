using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Channels;

public sealed class What_is_owed_of_a_damaged_log : DispatcherBench
{
    [Fact]
    public async Task It_is_tried_with_the_usual_pauses_and_given_up_while_others_are_sent()
    {
        var thread = await Ask("ops");
        ForeignEvent.Append(Database.Path, thread.Value);
        var other = await Ask("ops");
        Run(new Broken("ops", attempts: 3, works: true));

        await Until(() => Row(thread) is not "open" and not "open the log of its thread cannot be read" || Clock.GetUtcNow() > Nine.AddMinutes(10));

        Assert.Equal(("abandoned the log of its thread cannot be read", "delivered"), (Row(thread), Row(other)));
        Assert.True(Clock.GetUtcNow() < Nine.AddMinutes(1));
    }

    [Fact]
    public async Task It_stays_owed_to_a_channel_that_no_server_has()
    {
        var thread = await Ask("typo");
        ForeignEvent.Append(Database.Path, thread.Value);
        Run();

        await Until(() => Row(thread) != "open" || Clock.GetUtcNow() > Nine.AddMinutes(10));

        Assert.Equal("open the log of its thread cannot be read", Row(thread));
    }

    private string Row(ThreadId thread) => (string)Sql($"SELECT concat_ws(' ', state, error) FROM deliveries WHERE thread_id = '{thread}'")!;
}
