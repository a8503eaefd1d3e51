using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Operations;

public sealed class Without_a_collector(SharedServers servers)
{
    [Fact]
    public async Task Nothing_of_OpenTelemetry_is_loaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has loaded is read from /proc.");
        var server = await servers.Of(Transport.Http, Ways.Newest);
        await server.Do("calculator", new { message = "add 1 and 2" });

        var loaded = await File.ReadAllTextAsync($"/proc/{server.ProcessId}/maps", TestContext.Current.CancellationToken);

        Assert.Contains("agentmcp.dll", loaded);
        Assert.DoesNotContain("OpenTelemetry", loaded);
    }

    [Fact]
    public async Task The_trace_of_a_caller_is_kept_for_whoever_goes_on_with_the_thread()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var server = await servers.Of(Transport.Stdio, Ways.Newest);

        Assert.Equal(trace, await Kept(server, trace));
        Assert.Null(await Kept(server, "no trace"));
    }

    [Fact]
    public async Task One_that_takes_everything_and_never_answers_slows_no_call_and_holds_up_no_end()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database, new Dictionary<string, string> { ["otlp"] = $"http://{silent.LocalEndpoint}" });
        await server.Initialize();
        var began = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
        {
            await server.Ask($"{i}", "calculator", new { message = "add 1 and 2" });
        }

        var called = began.Elapsed;
        Assert.Equal(0, await server.Close());

        // One attempt to send takes 10 seconds until it is given up; a call that waited for one would show.
        Assert.True(called < TimeSpan.FromSeconds(10), $"20 calls took {called}.");
        Assert.True(began.Elapsed - called < TimeSpan.FromSeconds(10), $"The end took {began.Elapsed - called}.");
        TestContext.Current.TestOutputHelper!.WriteLine($"20 calls took {called}, the end {began.Elapsed - called}.");
    }

    private static async Task<string?> Kept(RunningServer server, string trace)
    {
        var started = await server.Send("tools/call", new JsonObject
        {
            ["name"] = "calculator",
            ["arguments"] = new JsonObject { ["message"] = "add 1 and 2" },
            ["_meta"] = new JsonObject { ["traceparent"] = trace },
        });
        var log = await server.Ask("get_thread", new { thread_id = started.GetProperty("structuredContent").GetProperty("thread_id").GetString(), include_events = true });
        return log.GetProperty("events")[0].TryGetProperty("trace", out var kept) ? kept.GetString() : null;
    }
}
