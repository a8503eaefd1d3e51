using System.Net;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Crash;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Killed_between_taking_and_doing : IDisposable
{
    private readonly Sender _sender = new();

    public void Dispose() => _sender.Dispose();

    [Fact]
    [Trait("Accepts", "F11.3")]
    [Trait("Accepts", "R.6")]
    public async Task What_was_acknowledged_is_done_by_another_process_and_once()
    {
        await using var bench = await Bench.Start(new Dictionary<string, string>().With("ci", "type=webhook", "secret=" + Receiver.Secret, "agent=calculator"));
        using var database = Database.Open(bench.Database);
        // The server dies inside the transaction that would start the thread, after the sender was told that all is well.
        var trap = new Trap(database, version: 1);
        var said = await _sender.Send(bench.Url("/triggers/ci"), "conversation.created", new { user_message = "multiply 3 and 4", conversation_id = "k1" }, id: "msg_killed");
        Assert.Equal((HttpStatusCode.OK, "accepted"), (said.Status, said.Code));
        await trap.Sprung(stored: 0, TestContext.Current.CancellationToken);
        await bench.Server.Kill();
        trap.Remove();
        Assert.Equal("open 1", bench.Scalar("SELECT state || ' ' || attempts FROM arrivals"));
        // Its claim would end in a minute; time has no business in a test.
        bench.Execute("UPDATE arrivals SET due_at = 0");

        await using var other = await bench.Another();
        await bench.Found("SELECT thread_id FROM threads WHERE status = 'completed'");
        Assert.Equal("duplicate", (await _sender.Send(new Uri(other.Url!, "/triggers/ci"), "conversation.created", new { user_message = "multiply 3 and 4", conversation_id = "k1" }, id: "msg_killed")).Code);
        Assert.Equal((1L, 1L), (bench.Scalar("SELECT count(*) FROM threads"), bench.Scalar("SELECT count(*) FROM arrivals WHERE state = 'done'")));
    }
}
