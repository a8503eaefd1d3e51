using System.Text.Json;
using AgentMcp.Server.Http;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

/// <summary>One server has stateless clients and sessions; each is told of the versions that it can come back with.</summary>
public sealed class Versions_that_are_not_served(SharedServers servers)
{
    private const string Unsupported = """{"jsonrpc":"2.0","id":ID,"error":{"code":-32022,"message":"MESSAGE","data":{"supported":SUPPORTED,"requested":"REQUESTED"}}}""";

    [Theory]
    [InlineData("1900-01-01", "\"a\"")]
    [InlineData("2027-01-01", "7")]
    [InlineData("v999", "7")]
    public async Task A_stateless_client_is_told_of_the_stateless_versions_alone(string version, string id)
    {
        var answer = await Post(version, """{"jsonrpc":"2.0","id":ID,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"VERSION","io.modelcontextprotocol/clientCapabilities":{}}}}""".Replace("ID", id, StringComparison.Ordinal).Replace("VERSION", version, StringComparison.Ordinal));

        Assert.Equal((400, Expected(id, $"Version {version} is not one of this server; without a session it has 2026-07-28.", """["2026-07-28"]""", version), false), answer);
    }

    [Fact]
    public async Task An_initialize_that_asks_for_a_stateless_version_is_told_of_the_others_and_opens_no_session()
    {
        var answer = await Post(null, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2026-07-28","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""");

        Assert.Equal((400, Expected("1", "Version 2026-07-28 has no initialize; send each request with its version in _meta, or initialize with one of 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25.",
            """["2024-11-05","2025-03-26","2025-06-18","2025-11-25"]""", "2026-07-28"), false), answer);
    }

    [Theory]
    [InlineData("2026-07-28")]
    [InlineData("2025-06-18")]
    [InlineData("1999-01-01")]
    public async Task An_initialize_of_a_client_of_sessions_is_answered_with_a_version_of_sessions(string asked)
    {
        var (status, body, session) = await Post(null, """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"VERSION","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""".Replace("VERSION", asked, StringComparison.Ordinal));

        Assert.Equal(asked != "2026-07-28", session);
        if (session)
        {
            Assert.Equal(200, status);
            Assert.Contains(asked == "2025-06-18" ? "\"protocolVersion\":\"2025-06-18\"" : "\"protocolVersion\":\"2025-11-25\"", body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{\"jsonrpc\":")]
    [InlineData("[]")]
    [InlineData("\"words\"")]
    [InlineData("")]
    public async Task What_is_no_message_is_refused_as_ever(string body)
    {
        var (status, _, session) = await Post("1900-01-01", body);

        Assert.Equal((400, false), (status, session));
    }

    [Fact]
    public async Task The_versions_that_are_told_are_those_that_are_discovered()
    {
        var client = ModernClient.Of((await servers.Of(Transport.Http, Ways.Newest)).Url!);
        var discovered = (await client.Ask("server/discover", [])).GetProperty("result").GetProperty("supportedVersions");

        Assert.Equal(VersionErrors.Stateless, discovered.EnumerateArray().Select(version => version.GetString()!));
    }

    private static string Expected(string id, string message, string supported, string requested) => Unsupported.Replace("ID", id, StringComparison.Ordinal)
        .Replace("MESSAGE", message, StringComparison.Ordinal).Replace("SUPPORTED", supported, StringComparison.Ordinal).Replace("REQUESTED", requested, StringComparison.Ordinal);

    private async Task<(int Status, string Body, bool Session)> Post(string? version, string body)
    {
        using var client = RawHttp.Newest((await servers.Of(Transport.Http, Ways.Newest)).Url!);
        using var answer = await client.Post(body, "tools/list", request =>
        {
            request.Headers.Remove("MCP-Protocol-Version");
            if (version is not null)
            {
                request.Headers.Add("MCP-Protocol-Version", version);
            }
        });
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers.Contains("Mcp-Session-Id"));
    }
}
