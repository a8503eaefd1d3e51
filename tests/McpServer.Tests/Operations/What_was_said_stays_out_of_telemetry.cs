using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests.Operations;

public sealed class What_was_said_stays_out_of_telemetry
{
    private const string Words = "a confidential plan";

    [Fact]
    public async Task Also_of_calls_that_are_refused_or_fail_and_no_thread_is_a_series_of_its_own()
    {
        await using var collector = new Collector();
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, settings: new Dictionary<string, string> { ["otlp"] = collector.Url });

        Assert.Contains(Words, await server.Refusal("get_thread", new { thread_id = Words }), StringComparison.Ordinal);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        await server.Do("cancel_thread", new { thread_id = pending.ThreadId, reason = Words });
        await server.Client.ReadResourceAsync($"thread://{pending.ThreadId}", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, await server.Terminate());

        Assert.Contains(collector.Spans, span => span is { Name: "tools/call get_thread", IsError: true });
        Assert.False(collector.Holds(Words));
        var ofTheSdk = collector.Points.Where(point => point.Name == "mcp.server.operation.duration").ToList();
        Assert.Contains(ofTheSdk, point => point.Attributes.GetValueOrDefault("mcp.method.name") == "resources/read");
        Assert.DoesNotContain(ofTheSdk, point => point.Attributes.Keys.Any(name => name is "mcp.resource.uri" or "gen_ai.tool.name"));
    }
}
