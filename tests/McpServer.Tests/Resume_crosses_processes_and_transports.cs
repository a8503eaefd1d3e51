using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests;

public sealed class Resume_crosses_processes_and_transports
{
    [Theory]
    [Trait("Accepts", "F6.3")]
    [Trait("Accepts", "F11.1")]
    [InlineData(Transport.Stdio, Transport.Http)]
    [InlineData(Transport.Http, Transport.Stdio)]
    public async Task A_thread_that_waits_in_a_killed_process_goes_on_in_another_over_another_transport(Transport first, Transport second)
    {
        using var folder = new TestFolder();
        string thread;
        await using (var server = await RunningServer.Start(first, folder.Database))
        {
            var pending = await server.Ask("calculator", new { message = "divide 3 by 4" });
            Assert.Equal("pending", pending.GetProperty("status").GetString());
            thread = pending.GetProperty("thread_id").GetString()!;
            await server.Kill();
        }

        await using var next = await RunningServer.Start(second, folder.Database);
        var done = await next.Ask("resume_thread", new { thread_id = thread, approved = true });

        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Equal("The result is 0.75.", done.GetProperty("output").GetProperty("message").GetString());
    }
}
