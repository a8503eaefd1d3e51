using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Models;

public sealed class Azure_is_openai_in_its_own_way
{
    private static readonly Answer.Http Done = OpenAIWireTests.Completion("""{"role":"assistant","content":"{\"intent\":\"done\",\"message\":\"7\"}"}""", "stop");

    [Theory]
    [InlineData(null, "2024-10-21")]
    [InlineData("2025-04-01-preview", "2025-04-01-preview")]
    public async Task The_path_names_the_deployment_the_query_the_version_and_the_key_has_its_own_header(string? version, string asked)
    {
        await using var server = new ProviderServer(Done);

        var reply = await new ModelChoice(new("azure:my gpt", server.Url + "/", Turns.Key, AzureVersion: version), new SkippingClock()).For(null).Take();

        var request = Assert.Single(server.Requests);
        Assert.Equal($"POST /openai/deployments/my%20gpt/chat/completions?api-version={asked} HTTP/1.1", request.Line);
        Assert.Equal((Turns.Key, false), (request.Headers["api-key"], request.Headers.ContainsKey("authorization")));
        Assert.Equal(new ModelReply.Said("""{"intent":"done","message":"7"}""", new Usage(412, 88)), reply);
    }

    [Fact]
    [Trait("Accepts", "F9.6")]
    public async Task A_second_attempt_is_made_the_same_way()
    {
        await using var server = new ProviderServer(new Answer.Http(429, "{}"), Done);

        await new ModelChoice(new("azure:gpt", AzureKey: Turns.Key, AzureUrl: server.Url), new SkippingClock()).For(null).Take();

        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(server.Requests[0].Line, server.Requests[1].Line);
        Assert.Equal(Turns.Key, server.Requests[1].Headers["api-key"]);
    }
}
