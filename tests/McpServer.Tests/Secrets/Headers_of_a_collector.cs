using AgentMcp.Server.Tests.Upstream;

namespace AgentMcp.Server.Tests.Secrets;

/// <summary>Some hold a key, and others only name whose the data is.</summary>
public sealed class Headers_of_a_collector
{
    private const string Key = "zq7f0d1c9b8a2e4k5m6n3p8q9r0s1t2u";
    private const string Team = "zq7teamb41c8fa0277";
    private const string Bearer = "abcdefghijkl";

    [Fact]
    public async Task Lose_their_keys_in_what_a_server_says_and_leave_its_words_alone()
    {
        await using var scribe = new Scribe().With("say", $$"""{"content":[{"type":"text","text":"{{Key}}, {{Team}} and {{Bearer}} of agentmcp in production"}]}""");
        using var office = new Office().With("scribe", new { url = scribe.Url }).Agent("clerk", "tools: [scribe.say]\ngates: { scribe.say: none }");
        await using var server = await office.Start(more: new()
        {
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-key={Key},x-dataset=agentmcp,x-tenant=production,authorization=Bearer%20{Bearer}",
            ["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] = $"x-team={Team}",
        });

        var next = await server.Take("clerk", new { intent = "scribe.say" });

        Assert.Equal("[redacted], [redacted] and [redacted] of agentmcp in production", (await server.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetString());
    }
}
