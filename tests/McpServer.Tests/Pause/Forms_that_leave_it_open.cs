using AgentMcp.Server.Tests.Running;
using static AgentMcp.Server.Tests.Pause.FormHost;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>However a form ends without an answer, nothing is decided and the caller gets the plain result.</summary>
public sealed class Forms_that_leave_it_open(SharedServers servers, FormHosts hosts) : IClassFixture<FormHosts>
{
    [Theory]
    [Trait("Accepts", "X.2")]
    [Trait("Accepts", "P.4")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task Declined_or_cancelled(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Does("decline"), Does("cancel"));

        var declined = await host.Server.Do("calculator", new { message = "divide 3 by 4" });
        var cancelled = await host.Server.Do("wait_thread", new { thread_id = declined.ThreadId });

        Assert.Equal(2, host.Shown.Count());
        Assert.Equal("calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 4?", declined.Sentence);
        Assert.Equal((declined.RequestId, declined.Sentence), (cancelled.RequestId, cancelled.Sentence));
        var log = await host.Server.Do("get_thread", new { thread_id = declined.ThreadId, include_events = true });
        Assert.Equal(["local, elicitation: the form was closed without an answer (decline)"],
            log.Json.GetProperty("events").EnumerateArray().Where(happened => happened.GetProperty("type").GetString() == "answer_refused")
                .Select(closed => $"{closed.GetProperty("by")}, {closed.GetProperty("channel")}: {closed.GetProperty("reason")}"));
        Assert.Equal("completed", (await host.Server.Do("resume_thread", new { thread_id = declined.ThreadId, approved = true })).Status);
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task Filled_in_with_something_else(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { approve = "yes" }), Fills(new { }));

        var pending = await host.Server.Do("calculator", new { message = "divide 3 by 4" });
        var again = await host.Server.Do("wait_thread", new { thread_id = pending.ThreadId });

        const string Sentence = "What came back from the form is no answer to it. calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 4?";
        Assert.Equal((Sentence, Sentence, pending.Version), (pending.Sentence, again.Sentence, again.Version));
    }

    [Theory]
    [Trait("Accepts", "A2H.8")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task Filled_in_with_what_the_request_does_not_take(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { answer = "ab" }));
        var thread = await AskedElsewhere.Question(host.Server, servers.DatabaseOf(transport, Running.Ways.Sessions), "Which code?", """{"type":"string","pattern":"^[A-Z]+$"}""");

        var pending = await host.Server.Do("wait_thread", new { thread_id = thread });

        Assert.StartsWith("The answer in the form was not taken: The response does not fit: ", pending.Sentence, StringComparison.Ordinal);
        Assert.Equal(("question", 2), (pending.Kind, pending.Version));
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(Sessions), MemberType = typeof(FormHost))]
    public async Task Shown_for_too_long(Transport transport, string protocol)
    {
        var takenBack = new TaskCompletionSource();
        await using var host = await Start(servers, transport, protocol, new Dictionary<string, string> { ["form_timeout"] = "1" }, Until(takenBack));

        var pending = await host.Server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal(("pending", "approval"), (pending.Status, pending.Kind));
        await takenBack.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [InlineData(Transport.Stdio, Running.Ways.Sessions)]
    [InlineData(Transport.Http, Running.Ways.Newest)]
    public async Task Not_wanted_by_the_server(Transport transport, string protocol)
    {
        await using var host = await Start(servers, transport, protocol, new Dictionary<string, string> { ["pause"] = "result" }, Fills(new { approve = true }));

        var pending = await host.Server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal("approval", pending.Kind);
        Assert.Empty(host.Shown);
    }

    private static Person Until(TaskCompletionSource ended) => async (_, takenBack) =>
    {
        await using var registered = takenBack.Register(() => ended.TrySetResult());
        return await Never(takenBack);
    };

    internal static async Task<ModelContextProtocol.Protocol.ElicitResult> Never(CancellationToken takenBack)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, takenBack);
        throw new InvalidOperationException();
    }
}
