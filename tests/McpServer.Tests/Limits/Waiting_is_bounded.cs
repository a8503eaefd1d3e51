using System.Text.Json;
using AgentMcp.Server.Tests.Pause;
using AgentMcp.Server.Tests.Rest;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Limits;

/// <summary>How long a call waits, and how many do. Over the limit it is answered with what is known, and the run goes on.</summary>
public sealed class Waiting_is_bounded(SharedServers servers) : IDisposable
{
    // Only so that a call that waits as long as it asked for is told and not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const int Long = 3600;

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task By_the_server_whatever_a_call_asks_for_and_where_it_asks_for_nothing()
    {
        await using var server = await Server(("max_wait", "0.1"), ("wait", $"{Long}"));
        using var rest = new RestClient(server.Url!, _folder.Database);
        var held = servers.Model.Hold();

        var started = await server.Do("slow", new { message = held.Word, wait_seconds = Long }).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var waited = await server.Do("wait_thread", new { thread_id = started.ThreadId, wait_seconds = Long }).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var unsaid = await server.Do("wait_thread", new { thread_id = started.ThreadId }).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var overRest = await StatusOverRest(rest, started.ThreadId).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await held.Asked;
        held.Finish();
        Reply done;
        do
        {
            done = await server.Do("wait_thread", new { thread_id = started.ThreadId });
        }
        while (done.Status == "running");

        Assert.Equal(["running", "running", "running", "running", "completed"], new[] { started.Status, waited.Status, unsaid.Status, overRest, done.Status });
    }

    [Theory]
    [InlineData("mcp", "mcp")]
    [InlineData("rest", "rest")]
    [InlineData("mcp", "rest")]
    public async Task By_how_many_wait_already_whichever_door_they_came_in_by(string one, string other)
    {
        await using var server = await Server(("max_waiting", "1"), ("max_wait", $"{Long}"));
        using var rest = new RestClient(server.Url!, _folder.Database);
        var held = servers.Model.Hold();
        var thread = (await server.Do("slow", new { message = held.Word, wait_seconds = 0 })).ThreadId;
        await held.Asked;

        Task<string>[] calls = [Wait(one), Wait(other)];
        var first = await Task.WhenAny(calls).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal("running", await first);
        held.Finish();
        var last = await calls.Single(call => call != first);

        Assert.Equal("completed", last);

        Task<string> Wait(string door) => door == "rest" ? StatusOverRest(rest, thread) : StatusOverMcp(server, thread);
    }

    [Fact]
    public async Task By_how_many_hold_a_form_already()
    {
        var (shown, filled) = (new TaskCompletionSource(), new TaskCompletionSource());
        FormHost.Person slowly = async (form, takenBack) =>
        {
            shown.SetResult();
            await filled.Task.WaitAsync(takenBack);
            return await FormHost.Fills(new { approve = true })(form, takenBack);
        };
        await using var host = await FormHost.Start(servers, Transport.Http, Ways.Sessions, new Dictionary<string, string> { ["max_waiting"] = "1" }, slowly);

        var holds = host.Server.Do("calculator", new { message = "divide 3 by 4" });
        await shown.Task.WaitAsync(TestContext.Current.CancellationToken);
        var plain = await host.Server.Do("calculator", new { message = "divide 5 by 6" });
        filled.SetResult();

        Assert.Equal(("pending", "approval"), (plain.Status, plain.Kind));
        Assert.Equal("completed", (await holds).Status);
        Assert.Single(host.Shown);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> StatusOverMcp(RunningServer server, string thread) => (await server.Do("wait_thread", new { thread_id = thread, wait_seconds = Long })).Status;

    private static async Task<string> StatusOverRest(RestClient rest, string thread)
    {
        using var answer = await rest.Send(HttpMethod.Get, $"/threads/{thread}?wait_seconds={Long}");
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("status").GetString()!;
    }

    private Task<RunningServer> Server(params (string Name, string Value)[] limits) =>
        RunningServer.Start(Transport.Http, _folder.Database, Ways.Newest, servers.Settings.Concat(limits.Select(limit => KeyValuePair.Create(limit.Name, limit.Value))).ToDictionary());
}
