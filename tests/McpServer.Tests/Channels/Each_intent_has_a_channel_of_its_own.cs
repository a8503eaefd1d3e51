using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Upstream;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Each_intent_has_a_channel_of_its_own : IAsyncDisposable
{
    private readonly Receiver _team = new();
    private readonly Receiver _boss = new();
    private readonly Receiver _ops = new();
    private readonly Office _office = new();

    [Fact]
    [Trait("Accepts", "F7.3")]
    public async Task Done_needs_clarification_and_needs_a_manager()
    {
        await using var server = await Start();
        var unclear = await server.Take("clerk", new { intent = "request_more_information", message = "Which one?" });
        Assert.Equal($"{unclear.RequestId} Which one?", Told(await _team.Next()));

        await server.Do("resume_thread", new { thread_id = unclear.ThreadId, response = "the blue one", wait_seconds = 30 });
        Assert.Equal("request.closed", (await _team.Next()).Type);
        var manager = await server.Next(unclear.ThreadId, new { intent = "request_human_input", question = "May I?" });
        Assert.Equal($"{manager.RequestId} May I?", Told(await _boss.Next()));

        await server.Do("resume_thread", new { thread_id = unclear.ThreadId, response = "yes", wait_seconds = 30 });
        Assert.Equal("request.closed", (await _boss.Next()).Type);
        Assert.Equal("completed", (await server.Next(unclear.ThreadId, new { intent = "done_for_now", message = "It is painted." })).Status);
        var ended = await _ops.Next();
        Assert.Equal(
            ("thread.completed", $$$"""{"thread_id":"{{{unclear.ThreadId}}}","agent":"clerk","status":"completed","message":"It is painted.","output":{"message":"It is painted."}}"""),
            (ended.Type, ended.Data.GetRawText()));
        Assert.True(_team.IsEmpty && _boss.IsEmpty && _ops.IsEmpty);
    }

    [Fact]
    [Trait("Accepts", "F7.3")]
    public async Task Each_end_is_told_once_and_that_of_a_copy_only_when_it_ends_anew()
    {
        await using var server = await Start();
        var done = await server.Take("clerk", new { intent = "done_for_now", message = "first" });
        Assert.Equal("first", Message(await _ops.Next()));

        var copy = await server.Do("fork_thread", new { thread_id = done.ThreadId, at_version = done.Version, wait_seconds = 30 });
        Assert.Equal("completed", copy.Status);
        await server.Do("resume_thread", new { thread_id = copy.ThreadId, response = "once more", wait_seconds = 30 });
        await server.Next(copy.ThreadId, new { intent = "done_for_now", message = "second" });

        var second = await _ops.Next();
        Assert.Equal((copy.ThreadId, "second"), (second.Data.GetProperty("thread_id").GetString(), Message(second)));
        Assert.True(_ops.IsEmpty);
    }

    [Fact]
    public async Task An_end_that_comes_by_itself_says_whose_it_is()
    {
        await using var slack = new SlackDouble();
        await using var mail = new MailServer();
        await using var server = await _office.Agent("clerk", "tools: [done_for_now]\nchannels: { done_for_now: [team, mail] }")
            .Start(Transport.Http, slack.As("team", "notify=").Concat(mail.As("mail", "notify=")).DistinctBy(setting => setting.Key).ToDictionary());
        var done = await server.Take("clerk", new { intent = "done_for_now", message = "It is painted." });

        var posted = await slack.Next("chat.postMessage");
        Assert.Equal(("clerk: completed\nIt is painted.", null), (posted.Text, posted.Find("thread_ts")));
        var sent = await mail.Next();
        Assert.Equal(("clerk: completed", $"It is painted.\n\n-- \nclerk, {done.ThreadId}\n"), (sent.Message.Subject, sent.Plain));
    }

    public async ValueTask DisposeAsync()
    {
        await _team.DisposeAsync();
        await _boss.DisposeAsync();
        await _ops.DisposeAsync();
        _office.Dispose();
    }

    private Task<RunningServer> Start() => _office
        .Agent("clerk", "tools: [request_more_information, request_human_input, done_for_now]\nchannels: { request_more_information: team, request_human_input: boss, done_for_now: ops }")
        .Start(Transport.Http, _team.As("team").Concat(_boss.As("boss")).Concat(_ops.As("ops")).ToDictionary());

    private static string Told(Receiver.Notice notice) => $"{notice.Request} {notice.Data.GetProperty("question").GetString()}";

    private static string Message(Receiver.Notice notice) => notice.Data.GetProperty("message").GetString()!;
}
