using System.Collections.Concurrent;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Waiting(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "W.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_call_answers_running_when_its_wait_is_over_and_the_run_goes_on(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();

        var started = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        var seen = await server.Do("get_thread", new { thread_id = started.ThreadId });
        var waited = await server.Do("wait_thread", new { thread_id = started.ThreadId, wait_seconds = 0.01 });
        await held.Asked;
        held.Finish();
        var done = await server.Do("wait_thread", new { thread_id = started.ThreadId });

        Assert.Equal(["running", "running", "running", "completed"], new[] { started, seen, waited, done }.Select(reply => reply.Status));
        Assert.Equal([1, 1, 1, 3], new[] { started, seen, waited, done }.Select(reply => reply.Version));
    }

    [Theory]
    [Trait("Accepts", "W.6")]
    [Trait("Accepts", "F11.1")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_wait_ends_when_another_process_moves_the_thread(Transport transport)
    {
        await using var runs = await servers.Beside(transport, Ways.Newest, Transport.Stdio);
        var waits = await servers.Of(transport, Ways.Newest);
        var held = servers.Model.Hold();
        var started = await runs.Do("slow", new { message = held.Word, wait_seconds = 0 });
        await held.Asked;

        var waiting = waits.Do("wait_thread", new { thread_id = started.ThreadId });
        held.Release(new { intent = "divide", a = 3, b = 4 });

        Assert.Equal("approval", (await waiting).Kind);
    }

    [Theory]
    [Trait("Accepts", "W.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Progress_is_told_while_a_call_waits(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();
        var told = new ConcurrentQueue<ProgressNotificationValue>();
        var first = new TaskCompletionSource();
        var waiting = server.Client.CallToolAsync("slow", new Dictionary<string, object?> { ["message"] = held.Word },
            new Collected(told, first), cancellationToken: TestContext.Current.CancellationToken);
        await held.Asked;

        held.Release(new { intent = "add", a = 1, b = 2 });
        await first.Task.WaitAsync(TestContext.Current.CancellationToken);
        var id = Reply.Of(await waiting).ThreadId;

        Assert.All(told, progress => Assert.Equal($"{id} has {progress.Progress} events", progress.Message));
        Assert.Equal(told.Select(progress => progress.Progress).Distinct().Count(), told.Count);
    }

    [Theory]
    [Trait("Accepts", "W.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Progress_is_told_when_only_what_a_thread_called_moves(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();
        var told = new ConcurrentQueue<ProgressNotificationValue>();
        var input = new { calls = new[] { new { agent = "slow", input = new { message = held.Word } } } };
        var waiting = server.Client.CallToolAsync("invoke_agent", new Dictionary<string, object?> { ["agent"] = "side_by_side", ["input"] = JsonSerializer.SerializeToElement(input) },
            new Collected(told, new()), cancellationToken: TestContext.Current.CancellationToken);
        await held.Asked;

        held.Release(new { intent = "divide", a = 3, b = 4 });
        var pending = Reply.Of(await waiting);

        var child = pending.Json.GetProperty("requests")[0].GetProperty("path")[1].GetString();
        Assert.Contains(told, progress => progress.Message!.StartsWith($"{child} has ", StringComparison.Ordinal));
        // The client hands them on side by side, so that their order is not kept.
        Assert.Equal(told.Select(progress => progress.Progress).Distinct().Count(), told.Count);
    }

    private sealed class Collected(ConcurrentQueue<ProgressNotificationValue> told, TaskCompletionSource first) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value)
        {
            told.Enqueue(value);
            first.TrySetResult();
        }
    }
}
