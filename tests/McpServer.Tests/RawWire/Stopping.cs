using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

/// <summary>A process that is told to end does so although a model hangs, and the thread goes on in the next one.</summary>
public sealed class Stopping(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "F6.1")]
    public async Task The_end_of_standard_input_ends_a_process_whose_model_hangs_and_the_thread_goes_on_elsewhere()
    {
        using var folder = new TestFolder();
        var held = servers.Model.Hold();
        await using var server = new RawStdio(folder.Database, servers.Settings);
        await server.Initialize();
        await server.Call("call", "slow", new { message = held.Word, wait_seconds = 300 });
        await held.Asked;
        var thread = (await server.Ask("list", "list_threads", new { })).GetProperty("threads")[0].GetProperty("thread_id").GetString()!;

        Assert.Equal(0, await server.Close());
        Assert.Equal("running", (await server.Answer("call")).GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString());

        await GoesOn(Transport.Http, folder, held, thread);
    }

    [Fact]
    [Trait("Accepts", "W.6")]
    public async Task Requests_that_were_sent_before_standard_input_ended_are_answered()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database);
        await server.Initialize();
        await server.Ask("first", "calculator", new { message = "add 1 and 2" });
        await server.Call("last", "calculator", new { message = "add 3 and 4" });
        await server.Send("""{"jsonrpc":"2.0","id":"tools","method":"tools/list"}""");

        Assert.Equal(0, await server.Close());

        Assert.Equal(["first", "hello", "last", "tools"], server.Lines.Select(line => line.GetProperty("id").GetString()).Order());
    }

    [Fact]
    [Trait("Accepts", "F6.1")]
    public async Task A_signal_ends_an_http_server_whose_model_hangs_and_the_thread_goes_on_elsewhere()
    {
        using var folder = new TestFolder();
        var held = servers.Model.Hold();
        var server = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest, servers.Settings);
        var waiting = server.Do("slow", new { message = held.Word, wait_seconds = 300 });
        await held.Asked;

        Assert.Equal(0, await server.Terminate());

        var last = await waiting;
        Assert.Equal("running", last.Status);
        await GoesOn(Transport.Stdio, folder, held, last.ThreadId);
    }

    private async Task GoesOn(Transport transport, TestFolder folder, HeldModel.Held held, string thread)
    {
        held.Finish("Done elsewhere.");
        await using var next = await RunningServer.Start(transport, folder.Database, settings: servers.Settings);
        var log = await next.Do("wait_thread", new { thread_id = thread });
        Assert.Equal("Done elsewhere.", log.Message);
        Assert.Equal(["thread_started", "step_chosen", "thread_completed"], (await next.Do("get_thread", new { thread_id = thread, include_events = true })).EventTypes);
    }
}
