using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Upstream;

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

        Assert.Equal((trace, "rojo=00f067aa0ba902b7,congo=t61r"), await Kept(server, trace, "rojo=00f067aa0ba902b7,congo=t61r"));
        Assert.Equal((trace, null), await Kept(server, trace, "no\nstate"));
        Assert.Equal((null, null), await Kept(server, "no trace", "a=1"));
    }

    [Theory]
    [InlineData("rojo=00f067aa0ba902b7")]
    [InlineData(null)]
    public async Task And_goes_along_to_other_servers(string? state)
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var plain = new TellingServer();
        using var office = new Office();
        office.With("plain", new { url = plain.Url }).Agent("chief", "tools: [plain.trace]\ngates: { plain.trace: none }");
        await using var server = await office.Start();
        var started = await server.Send("tools/call", new JsonObject
        {
            ["name"] = "chief",
            ["arguments"] = new JsonObject { ["message"] = "go" },
            ["_meta"] = state is null ? new JsonObject { ["traceparent"] = trace } : new JsonObject { ["traceparent"] = trace, ["tracestate"] = state },
        });

        var next = await server.Next(started.GetProperty("structuredContent").GetProperty("thread_id").GetString()!, new { intent = "plain.trace" });

        Assert.Equal(["tool_started", "tool_returned"], (await server.Events(next.ThreadId)).Select(happened => happened.GetProperty("type").GetString()!).Where(type => type.StartsWith("tool", StringComparison.Ordinal)));
        Assert.Equal((trace, state), (plain.Told, plain.ToldState));
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

    private static async Task<(string? Parent, string? State)> Kept(RunningServer server, string trace, string state)
    {
        var started = await server.Send("tools/call", new JsonObject
        {
            ["name"] = "calculator",
            ["arguments"] = new JsonObject { ["message"] = "add 1 and 2" },
            ["_meta"] = new JsonObject { ["traceparent"] = trace, ["tracestate"] = state },
        });
        var log = await server.Ask("get_thread", new { thread_id = started.GetProperty("structuredContent").GetProperty("thread_id").GetString(), include_events = true });
        return (Member("trace"), Member("trace_state"));

        string? Member(string name) => log.GetProperty("events")[0].TryGetProperty(name, out var kept) ? kept.GetString() : null;
    }
}
