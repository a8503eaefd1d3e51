using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

public sealed class Many_processes
{
    private const int Processes = 4;
    private const int ThreadsInAll = 200;

    [Fact]
    [Trait("Accepts", "F6.7")]
    [Trait("Accepts", "W.7")]
    public async Task Four_processes_that_hammer_one_database_lose_and_double_nothing()
    {
        using var folder = new TestFolder();
        var servers = await Task.WhenAll(Enumerable.Range(0, Processes).Select(_ => RunningServer.Start(Transport.Stdio, folder.Database)));
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, ThreadsInAll), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken },
                async (i, _) => await Hammer(servers, i));

            var listed = await servers[0].Ask("list_threads", new { limit = 200 });
            Assert.Equal(ThreadsInAll, listed.GetProperty("threads").GetArrayLength());
            Assert.All(listed.GetProperty("threads").EnumerateArray(), thread => Assert.Equal("completed", thread.GetProperty("status").GetString()));
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    // Two processes start it with the same key, two answer it, a third watches; every call must succeed.
    private static async Task Hammer(RunningServer[] servers, int i)
    {
        RunningServer Server(int turn) => servers[(i + turn) % Processes];
        var call = new { message = $"divide {i} by 4", idempotency_key = $"key {i}" };
        var started = await Task.WhenAll(Server(0).Do("calculator", call), Server(1).Do("calculator", call));
        Assert.Equal(started[0].ThreadId, started[1].ThreadId);
        Assert.Equal(["approval", "approval"], started.Select(thread => thread.Kind));

        var answer = new { thread_id = started[0].ThreadId, request_id = started[0].RequestId, approved = true };
        var answered = await Task.WhenAll(
            i % 2 == 0 ? [Server(2).Do("resume_thread", answer), Server(3).Do("resume_thread", answer)] : new[] { Server(2).Do("resume_thread", answer) });
        Assert.All(answered, thread => Assert.Equal("completed", thread.Status));

        var log = await Server(3).Do("get_thread", new { thread_id = started[0].ThreadId, include_events = true });
        Assert.Equal(
            ["thread_started", "step_chosen", "request_opened", "request_answered", "tool_started", "tool_returned", "step_chosen", "thread_completed"],
            log.EventTypes);
        Assert.Equal($"The result is {(i / 4.0).ToString(System.Globalization.CultureInfo.InvariantCulture)}.", log.Message);
    }
}
