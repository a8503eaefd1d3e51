using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using static AgentMcp.Server.Tests.Pause.InputRequired;

namespace AgentMcp.Server.Tests.Pause;

public sealed class Calls_made_again(SharedServers servers)
{
    private static readonly object Divide = new { message = "divide 3 by 4" };

    [Theory]
    [Trait("Accepts", "F6.8")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_state_sent_twice_answers_with_the_thread_as_it_is_and_runs_nothing(Transport transport)
    {
        await using var client = await Client(transport);
        var (state, request) = Wanted(await client.Call("calculator", Divide));

        var first = Plain(await client.Call("calculator", Divide, state, (request, Approves)));
        var again = Plain(await client.Call("calculator", Divide, state, (request, Approves)));
        var unsaid = Plain(await client.Call("calculator", Divide, state));
        var other = await client.Call("calculator", Divide, state, (request, Rejects));

        Assert.Equal("completed", first.GetProperty("status").GetString());
        Assert.All(new[] { again, unsaid, Plain(other) }, same => Assert.True(JsonElement.DeepEquals(first, same)));
        Assert.StartsWith($"The answer in the form was not taken: {request} was already answered (approved: true) by local through elicitation at ",
            other.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        var log = Plain(await client.Call("get_thread", new { thread_id = first.GetProperty("thread_id").GetString(), include_events = true }));
        Assert.Equal(["thread_started", "step_chosen", "request_opened", "request_answered", "tool_started", "tool_returned", "step_chosen", "thread_completed"],
            log.GetProperty("events").EnumerateArray().Select(happened => happened.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_call_made_again_without_the_answer_asks_again(Transport transport)
    {
        await using var client = await Client(transport);
        var (state, request) = Wanted(await client.Call("calculator", Divide));

        var (second, same) = Wanted(await client.Call("calculator", Divide, state));
        var (third, _) = Wanted(await client.Call("calculator", Divide, second, ("another", Approves)));
        var done = Plain(await client.Call("calculator", Divide, third, (request, Approves)));

        Assert.Equal((request, "completed"), (same, done.GetProperty("status").GetString()));
        Assert.Equal(3, new[] { state, second, third }.Distinct().Count());
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task What_is_no_result_of_a_form_or_comes_from_a_client_without_forms_ends_in_the_plain_result(Transport transport)
    {
        await using var client = await Client(transport);
        var (state, request) = Wanted(await client.Call("calculator", Divide));

        JsonElement[] plain =
        [
            await client.Call("calculator", Divide, state, (request, new { action = "decline" })),
            await client.Call("calculator", Divide, state, (request, new { action = "cancel" })),
            await client.Call("calculator", Divide, state, (request, "yes")),
            await client.Call("calculator", Divide, state, (request, new { action = 1 })),
            await client.Call("calculator", Divide, state, (request, new { action = "accept" })),
            await client.Call("calculator", Divide, state, (request, Approves), forms: false),
        ];

        Assert.All(plain, answer => Assert.Equal(("pending", 4), (Plain(answer).GetProperty("status").GetString(), Plain(answer).GetProperty("version").GetInt32())));
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task After_as_many_rounds_as_clients_make_the_plain_result_comes(Transport transport)
    {
        // The person never says what the agent can use, so that it asks again and again.
        await using var host = await FormHost.Start(servers, transport, Ways.Newest, Enumerable.Repeat(FormHost.Fills(new { answer = "hello" }), 20));

        var pending = await host.Server.Do("calculator", new { message = "hello" });
        var next = await host.Server.Do("wait_thread", new { thread_id = pending.ThreadId });

        Assert.Equal(("pending", "pending"), (pending.Status, next.Status));
        Assert.Equal(10, host.Shown.TakeWhile(form => form.Message.StartsWith("calculator asks: Which operation", StringComparison.Ordinal)).Count());
        Assert.Equal("budget", pending.Kind);
    }

    [Theory]
    [Trait("Accepts", "F6.3")]
    [Trait("Accepts", "F11.1")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_retry_after_a_restart_finds_its_thread(Transport transport)
    {
        using var folder = new TestFolder();
        var (state, request) = Wanted(await Once(transport, folder, client => client.Call("calculator", Divide)));

        var done = Plain(await Once(transport, folder, client => client.Call("calculator", Divide, state, (request, Approves))));
        var elsewhere = Plain(await Once(transport == Transport.Stdio ? Transport.Http : Transport.Stdio, folder, client => client.Call("calculator", Divide, state, (request, Approves))));
        var threads = Plain(await Once(transport, folder, client => client.Call("list_threads", new { })));

        Assert.Equal("The result is 0.75.", done.GetProperty("output").GetProperty("message").GetString());
        Assert.True(JsonElement.DeepEquals(done, elsewhere));
        Assert.Equal([done.GetProperty("thread_id").GetString()], threads.GetProperty("threads").EnumerateArray().Select(thread => thread.GetProperty("thread_id").GetString()));
    }

    private async Task<JsonElement> Once(Transport transport, TestFolder folder, Func<InputRequired, Task<JsonElement>> call)
    {
        if (transport == Transport.Stdio)
        {
            await using var stdio = Over(folder.Database, servers.Settings);
            return await call(stdio);
        }

        await using var server = await RunningServer.Start(Transport.Http, folder.Database, settings: servers.Settings);
        await using var http = Over(server.Url!);
        var answer = await call(http);
        await server.Kill();
        return answer;
    }

    private async Task<InputRequired> Client(Transport transport) => transport == Transport.Http
        ? Over((await servers.Of(Transport.Http, Ways.Sessions)).Url!)
        : Over(servers.DatabaseOf(Transport.Stdio, Ways.Sessions), servers.Settings);
}
