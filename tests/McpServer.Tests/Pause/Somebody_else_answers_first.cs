using AgentMcp.Server.Tests.Running;
using static AgentMcp.Server.Tests.Pause.FormHost;

namespace AgentMcp.Server.Tests.Pause;

public sealed class Somebody_else_answers_first(SharedServers servers, FormHosts hosts) : IClassFixture<FormHosts>
{
    [Theory]
    [Trait("Accepts", "F6.7")]
    [MemberData(nameof(Sessions), MemberType = typeof(FormHost))]
    public async Task The_form_is_taken_back_and_the_call_goes_on(Transport transport, string protocol)
    {
        var (shown, takenBack) = (new TaskCompletionSource(), new TaskCompletionSource());
        var host = await hosts.Of(transport, protocol, async (_, taken) =>
        {
            await using var registered = taken.Register(() => takenBack.TrySetResult());
            shown.SetResult();
            return await Forms_that_leave_it_open.Never(taken);
        });
        var key = Guid.NewGuid().ToString();
        var call = host.Server.Do("calculator", new { message = "divide 3 by 4", idempotency_key = key });
        await shown.Task.WaitAsync(TestContext.Current.CancellationToken);

        await AnswerElsewhere(transport, key, approved: true);

        Assert.Equal("The result is 0.75.", (await call).Message);
        await takenBack.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [Trait("Accepts", "F6.8")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_call_made_again_with_another_answer_says_that_it_came_too_late(Transport transport)
    {
        var key = Guid.NewGuid().ToString();
        var host = await hosts.Of(transport, Running.Ways.Newest, async (form, _) =>
        {
            await AnswerElsewhere(transport, key, approved: false);
            return await Fills(new { approve = true })(form, default);
        });

        var done = await host.Server.Do("calculator", new { message = "divide 3 by 4", idempotency_key = key });

        Assert.Equal("Nothing was calculated: the operation was denied.", done.Message);
        Assert.Matches("^The answer in the form was not taken: req_[0-9a-f]{32}_3 was already answered \\(approved: false\\) by local through (stdio|http) at ", done.Sentence);
        Assert.Equal("local", (await host.Server.Do("get_thread", new { thread_id = done.ThreadId, include_events = true })).Answered().GetProperty("by").GetString());
    }

    private async Task AnswerElsewhere(Transport transport, string key, bool approved)
    {
        var other = await servers.Of(transport, Running.Ways.Sessions);
        var pending = await other.Do("calculator", new { message = "divide 3 by 4", idempotency_key = key });
        await other.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved });
    }
}
