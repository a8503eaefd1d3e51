using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests;

public sealed class Mcp_json_example
{
    /// <summary>As a client started in the repository does it; only the database is the test's own.</summary>
    [Fact]
    [Trait("Accepts", "X.1")]
    public async Task The_example_configuration_starts_a_server_without_a_key_exactly_as_written()
    {
        using var folder = new TestFolder();
        var root = Repository.Root;
        var entry = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(root, "mcp.json.example"), TestContext.Current.CancellationToken))
            .GetProperty("mcpServers").GetProperty("agentmcp");
        var transport = new StdioClientTransport(new()
        {
            Command = entry.GetProperty("command").GetString()!,
            Arguments = [.. entry.GetProperty("args").EnumerateArray().Select(argument => argument.GetString()!)],
            WorkingDirectory = root,
            EnvironmentVariables = new Dictionary<string, string?> { ["AGENTMCP_DB"] = folder.Database, ["AGENTMCP_MODEL"] = null, ["MSBUILDDISABLENODEREUSE"] = "1" },
            // The first start builds.
            ShutdownTimeout = TimeSpan.FromSeconds(30),
        });
        await using var client = await McpClient.CreateAsync(transport,
            new() { InitializationTimeout = TimeSpan.FromMinutes(5), DiscoverProbeTimeout = TimeSpan.FromMinutes(5) }, cancellationToken: TestContext.Current.CancellationToken);

        var tools = await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        var reply = Reply.Of(await client.CallToolAsync("calculator", new Dictionary<string, object?> { ["message"] = "multiply 3 and 4" },
            cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ToolsFile.All.EnumerateArray().Select(tool => tool.GetProperty("name").GetString()), tools.Select(tool => tool.Name));
        Assert.Equal("next_step", reply.Kind);
    }
}
