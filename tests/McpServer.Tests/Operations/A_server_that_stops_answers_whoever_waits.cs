using System.Net.Sockets;
using System.Text;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Upstream;

namespace AgentMcp.Server.Tests.Operations;

public sealed class A_server_that_stops_answers_whoever_waits
{
    [Fact]
    [Trait("Accepts", "F6.1")]
    public async Task Also_after_it_has_drained_for_longer_than_a_stop_may_take()
    {
        await using var mute = new Mute();
        using var office = new Office().With("mute", new { url = mute.Url }).Agent("user", "tools: [mute.speak]\ngates: { mute.speak: none }");
        await using var server = await office.Start(Transport.Http, new() { ["drain"] = "6" });
        var threads = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            threads.Add((await server.Do("user", new { message = "go" })).ThreadId);
        }

        mute.IsSilent = true;
        var waiting = threads.Select(thread => server.Next(thread, new { intent = "mute.speak" }, seconds: 300)).ToList();

        Assert.Equal(0, await server.Terminate());
        Assert.All(await Task.WhenAll(waiting), reply => Assert.Equal("running", reply.Status));
    }

    [Fact]
    public async Task And_is_not_held_up_by_a_client_that_never_sends_the_rest()
    {
        await using var collector = new Collector();
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, settings: new Dictionary<string, string> { ["otlp"] = collector.Url });
        using var stuck = new TcpClient();
        await stuck.ConnectAsync("localhost", server.Url!.Port, TestContext.Current.CancellationToken);
        await stuck.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"), TestContext.Current.CancellationToken);
        Assert.Equal("The result is 3.", (await server.Do("calculator", new { message = "add 1 and 2" })).Message);

        // The last spans are sent when everything else has ended.
        Assert.Equal(0, await server.Terminate());
        Assert.Contains(collector.Spans, span => span.Name == "invoke_agent calculator");
    }
}
