using System.Text.Json;
using AgentMcp.Server.Tests.Channels;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Software_hears_what_became_of_it : IDisposable
{
    private readonly Sender _sender = new();

    public void Dispose() => _sender.Dispose();

    [Fact]
    [Trait("Accepts", "F11.2")]
    [Trait("Accepts", "F11.4")]
    public async Task What_a_thread_asks_and_how_it_ends_comes_back_under_the_conversation_it_was_begun_in()
    {
        await using var ops = new Receiver();
        await using var bench = await Bench.Start(ops.As("ops", "notify=").With("ci", "type=webhook", "channel=ops", "agent=calculator"));
        var ci = bench.Url("/triggers/ci");
        await _sender.Send(ci, "conversation.created", new { user_message = "hello", conversation_id = "w1" });
        var question = await ops.Next();
        Assert.Equal(("request.opened", "question", "w1"), (question.Type, Text(question, "kind"), Text(question, "conversation_id")));

        var thread = Text(question, "thread_id")!;
        await _sender.Send(ci, "human_contact.completed", new
        {
            run_id = thread,
            call_id = question.Request,
            spec = new { msg = "Which operation?", state = new { thread_id = thread } },
            status = new { response = "multiply 6 and 7", user_info = new { name = "mia" } },
        });
        Receiver.Notice[] then = [await ops.Next(), await ops.Next()];
        var closed = then.Single(notice => notice.Type == "request.closed");
        var done = then.Single(notice => notice.Type == "thread.completed");
        Assert.Equal(("Answered by mia through webhook:ci", "w1"), (closed.Outcome, Text(closed, "conversation_id")));
        Assert.Equal(
            ("calculator", "completed", "The result is 42.", "w1", true),
            (Text(done, "agent"), Text(done, "status"), Text(done, "message"), Text(done, "conversation_id"), done.WellSigned));

        await _sender.Send(ci, "conversation.created", new { user_message = "divide 1 by 2", conversation_id = "w1", user = "mia" });
        var approval = await ops.Next();
        await _sender.Send(ci, "conversation.created", new { user_message = "yes", conversation_id = "w1", user = "mia" });
        var told = await ops.Next();
        Assert.Equal(("request.opened", "conversation.said", "w1"), (approval.Type, told.Type, Text(told, "conversation_id")));
        await bench.Server.Call("cancel_thread", new { thread_id = thread, reason = "enough" });
        then = [await ops.Next(), await ops.Next()];
        Assert.Equal("Cancelled by local through http: enough", Text(then.Single(notice => notice.Type == "thread.cancelled"), "message"));
    }

    private static string? Text(Receiver.Notice notice, string name) => notice.Data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
