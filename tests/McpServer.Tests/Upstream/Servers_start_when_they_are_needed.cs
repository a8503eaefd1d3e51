using AgentMcp.Server.Tests.Cli;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

public sealed class Servers_start_when_they_are_needed
{
    [Fact]
    [Trait("Accepts", "X.1")]
    public async Task Listing_tools_starts_none_and_what_one_prints_reaches_nobody()
    {
        using var office = new Office();
        var mark = office.Path("started");
        // It is no MCP server: it says so on both streams, and ends.
        office.With("noisy", new { command = "sh", args = new[] { "-c", $"touch '{mark}'; echo this is no JSON; echo token=abcdefgh-secret no such database >&2; exit 3" } })
            .Agent("user", "tools: [\"noisy.*\"]");
        await using var server = await office.Start();

        await server.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);
        await server.Ask("list_agents", new { });
        Assert.False(File.Exists(mark));

        var refusal = await server.Refusal("user", new { message = "go" });
        Assert.True(File.Exists(mark));
        Assert.StartsWith("unavailable: user cannot start without its tools: the MCP server 'noisy'", refusal);
        Assert.Contains("no such database", refusal);
        Assert.EndsWith(". Nothing was started; agentmcp doctor shows each server.", refusal);
        Assert.DoesNotContain("abcdefgh-secret", refusal);
        Assert.Empty((await server.Ask("list_threads", new { })).GetProperty("threads").EnumerateArray());
    }

    [Fact]
    [Trait("Accepts", "R.13")]
    public async Task Doctor_starts_each_and_says_what_is_missing()
    {
        using var commands = new CommandLine();
        await using var ledger = new Ledger();
        var file = Path.Combine(commands.Folder, "mcp.json");
        await File.WriteAllTextAsync(file,
            """{"mcpServers":{"ledger":{"url":"LEDGER","headers":{"X-Key":"secret-key"}},"gone":{"url":"http://127.0.0.1:9/mcp"}}}""".Replace("LEDGER", ledger.Url, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var agents = Directory.CreateDirectory(Path.Combine(commands.Folder, "agents")).FullName;
        await File.WriteAllTextAsync(Path.Combine(agents, "a.agent.md"), "---\nname: a\ndescription: d\ntools: [ledger.stmp]\n---\nx\n", TestContext.Current.CancellationToken);

        var ran = await commands.Run("doctor", "--mcp", file, "--agents", agents);

        Assert.Contains($"{ledger.Url} with X-Key: paint, stamp", ran.Output.Replace("stamp, paint", "paint, stamp", StringComparison.Ordinal));
        Assert.Contains("gone: http://127.0.0.1:9/mcp: the MCP server 'gone' cannot be reached: ", ran.Output);
        Assert.Contains("a uses ledger.stmp, and the MCP server 'ledger' has no such tool; did you mean 'ledger.stamp'?", ran.Output);
        Assert.DoesNotContain("secret-key", ran.Output);
    }
}
