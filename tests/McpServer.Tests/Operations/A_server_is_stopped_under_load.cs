using System.Collections.Concurrent;
using System.Diagnostics;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Operations;

public sealed class A_server_is_stopped_under_load
{
    private const int Clients = 8;

    [Fact]
    [Trait("Accepts", "F6.1")]
    public async Task What_was_answered_holds_and_what_was_not_goes_on_in_the_next_one()
    {
        using var folder = new TestFolder();
        var answered = new ConcurrentDictionary<string, string>();
        var server = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest);
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => CallUntilItIsGone(client))).ToList();
        await busy.Task.WaitAsync(TestContext.Current.CancellationToken);

        var began = Stopwatch.StartNew();
        Assert.Equal(0, await server.Terminate());

        // 10 seconds at most where no other server is used; the rest is for a busy machine.
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(20), $"It took {began.Elapsed} to end.");
        await Task.WhenAll(clients);
        await server.DisposeAsync();
        await using var next = await RunningServer.Start(Transport.Stdio, folder.Database);
        foreach (var (thread, status) in answered)
        {
            var now = await next.Do("wait_thread", new { thread_id = thread });
            Assert.Equal(status == "running" ? "completed" : status, now.Status);
        }

        while ((await next.Ask("list_threads", new { status = "running" })).GetProperty("threads") is var running && running.GetArrayLength() > 0)
        {
            await next.Do("wait_thread", new { thread_id = running[0].GetProperty("thread_id").GetString(), wait_seconds = 1 });
        }

        async Task CallUntilItIsGone(int client)
        {
            for (var i = 0; ; i++)
            {
                try
                {
                    // Every other one pauses.
                    var reply = await server.Do("calculator", new { message = (client + i) % 2 == 0 ? "divide 3 by 4" : "add 1 and 2" });
                    answered[reply.ThreadId] = reply.Status;
                    if (answered.Count > 5 * Clients)
                    {
                        busy.TrySetResult();
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // It is gone, as it was told to be.
                    return;
                }
            }
        }
    }
}
