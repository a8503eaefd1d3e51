using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Triggers;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>After going back to a backup another request has the id of one that people were told of. What they say of that one counts for nothing.</summary>
public sealed class Answers_from_before_a_restore : IDisposable
{
    private const string Other = "This answers another request: since it was sent, the server went back to a backup, and something else is asked under its id now. Nothing was answered.";

    private static readonly object Colour = new { intent = "request_human_input", question = "Which colour?", options = new { choices = new[] { "red" } } };
    private static readonly object Size = new { intent = "request_human_input", question = "Which size?", options = new { choices = new[] { "small" } } };

    private readonly Sender _sender = new();

    public void Dispose() => _sender.Dispose();

    [Fact]
    public async Task A_button_or_form_of_slack_approves_no_other_action()
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("ops", "approvals=human"));
        var (first, asked, server) = await Back(bench, Divide(4), Divide(5), () => slack.Next("chat.postMessage"), async message =>
        {
            await slack.Press(bench.Url("/slack/ops/interactions"), message, "reject");
            return await slack.Next("views.open");
        });
        await using var back = server;
        var interactions = new Uri(back.Url!, "/slack/ops/interactions");
        var second = await slack.Next("chat.postMessage");

        await slack.Press(interactions, first.Told, "approve");
        var pressed = await slack.Next("chat.postEphemeral");
        await slack.Press(interactions, first.Told, "reject");
        var opened = await slack.Next("chat.postEphemeral");
        await slack.Submit(interactions, first.Then, "no");
        var sent = await slack.Next("chat.postEphemeral");
        Assert.Equal([Other, Other, Other], new[] { pressed.Text, opened.Text, sent.Text });
        Assert.Equal(asked.Version, (await Get(back, asked)).Version);

        await slack.Press(interactions, second, "approve");
        Assert.Equal(second.Ts, (await slack.Next("chat.update")).Ts);
        var answered = Assert.Single((await Get(back, asked)).Json.GetProperty("events").EnumerateArray(), Approved);
        Assert.Equal("@mia", answered.GetProperty("by").GetString());
    }

    [Fact]
    public async Task A_choice_answers_no_other_question()
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("ops"), "people: { channels: [ops] }");
        var (first, asked, server) = await Back(bench, Colour, Size, () => slack.Next("chat.postMessage"));
        await using var back = server;
        await slack.Next("chat.postMessage");

        await slack.Press(new Uri(back.Url!, "/slack/ops/interactions"), first.Told, "choice:0");
        Assert.Equal(Other, (await slack.Next("chat.postEphemeral")).Text);
        Assert.Equal(asked.Version, (await Get(back, asked)).Version);
    }

    [Fact]
    public async Task A_yes_to_the_same_action_counts()
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("ops", "approvals=human"));
        var (first, asked, server) = await Back(bench, Divide(4), Divide(4), () => slack.Next("chat.postMessage"));
        await using var back = server;
        await slack.Next("chat.postMessage");

        await slack.Press(new Uri(back.Url!, "/slack/ops/interactions"), first.Told, "approve");
        await slack.Next("chat.update");
        Assert.Single((await Get(back, asked)).Json.GetProperty("events").EnumerateArray(), Approved);
    }

    [Fact]
    public async Task A_webhook_that_says_the_digest_it_was_told_is_refused_for_another_request()
    {
        await using var ops = new Receiver();
        await using var bench = await Bench.Start(ops.As("ops", "notify=ops", "approvals=human"), "people: { channels: [ops] }");
        var (first, asked, server) = await Back(bench, Colour, Size, ops.Next);
        await using var back = server;
        var second = await ops.Next();
        var hook = new Uri(back.Url!, "/hooks/ops");

        var old = await _sender.Post(hook, Answer(first.Told), Receiver.Secret);
        Assert.Equal((422, "wrong_answer", Other), ((int)old.Status, old.Code, old.Message));
        Assert.Equal(asked.Version, (await Get(back, asked)).Version);
        var now = await _sender.Post(hook, Answer(second), Receiver.Secret);
        Assert.Equal((200, "answered"), ((int)now.Status, now.Code));

        static string Answer(Receiver.Notice told) => JsonSerializer.Serialize(new { request_id = told.Request, digest = told.Data.GetProperty("digest").GetString(), response = "small", user = "mia" });
    }

    private static object Divide(int by) => new { intent = "divide", a = 3, b = by };

    /// <summary>The puppet asks one thing; then the server goes back to before that, and there it asks another.</summary>
    private static async Task<((T Told, T Then) First, Reply Asked, RunningServer Back)> Back<T>(Bench bench, object step, object other, Func<Task<T>> told, Func<T, Task<T>>? then = null)
    {
        var started = await bench.Server.Do("puppet", new { message = "go" });
        var backup = await bench.BackUp();
        await Ask(bench.Server, step);
        var first = await told();
        var next = then is null ? first : await then(first);
        var back = await bench.Back(backup);
        return ((first, next), await Ask(back, other), back);

        async Task<Reply> Ask(RunningServer server, object what) =>
            await server.Do("resume_thread", new { thread_id = started.ThreadId, request_id = started.RequestId, response = what });
    }

    private static async Task<Reply> Get(RunningServer server, Reply asked) => await server.Do("get_thread", new { thread_id = asked.ThreadId, include_events = true });

    private static bool Approved(JsonElement happened) => happened.TryGetProperty("approved", out var approved) && approved.GetBoolean();
}
