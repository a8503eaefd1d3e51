using System.Text.Json;
using AgentMcp.Server.Tests.Access;
using AgentMcp.State.Sqlite;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Workflows;

/// <summary>Whom <c>side_by_side</c> calls is read before it is started, and by the names of its schema alone.</summary>
public sealed class Calls_in_two_spellings
{
    [Theory]
    [InlineData("""{"calls":[{"agent":"calculator","input":{"message":"x"}}],"Calls":null}""", "'Calls' is not a known property")]
    [InlineData("""{"Calls":null,"calls":[{"agent":"calculator","input":{"message":"x"}}]}""", "'Calls' is not a known property")]
    [InlineData("""{"calls":[{"agent":"calculator","Agent":null,"input":{"message":"x"}}]}""", "'calls[0].Agent' is not a known property")]
    [InlineData("""{"calls":[{"agent":"calculator","Agent":"pipeline","input":{"message":"x"}}]}""", "'calls[0].Agent' is not a known property")]
    [InlineData("""{"calls":[{"agent":"calculator","input":{"message":"x"}}],"calls":null}""", "'calls': array expected")]
    [InlineData("""{"calls":[{"agent":null,"input":{"message":"x"}}]}""", "'calls[0].agent': string expected")]
    [InlineData("""{"calls":[null]}""", "'calls[0]': object expected")]
    public async Task Are_refused_in_words_and_start_nothing(string input, string why)
    {
        await using var server = await GuardedServer.Start();
        await server.Key("mia", "run");
        await using var mia = await server.Mcp("mia");

        var posted = await GuardedServer.Say(server.As("mia"), "POST", "/api/v1/threads", $$"""{"agent":"side_by_side","input":{{input}},"wait_seconds":0}""");
        var called = (TextContentBlock)(await mia.CallToolAsync("invoke_agent",
            new Dictionary<string, object?> { ["agent"] = "side_by_side", ["input"] = JsonElement.Parse(input) }, cancellationToken: TestContext.Current.CancellationToken)).Content[0];

        Assert.StartsWith("422 ", posted, StringComparison.Ordinal);
        Assert.Contains("\"invalid_input\"", posted, StringComparison.Ordinal);
        Assert.StartsWith($"invalid_input: The input does not fit side_by_side: {why}. It must match this JSON Schema: ", called.Text, StringComparison.Ordinal);
        Assert.Empty(server.Core.Host.List(new(new(null, Others.All))).Rows);
    }
}
