using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Tool_list(SharedServers servers)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    [Theory]
    [Trait("Accepts", "W.9")]
    [Trait("Accepts", "X.4")]
    [Trait("Accepts", "F4.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_published_tools_are_those_of_the_checked_in_file(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);

        var own = (await Tools(server)).Where(tool => !SharedServers.TestAgents.Contains(Name(tool)));

        Assert.Equal(JsonSerializer.Serialize(ToolsFile.All, Readable), JsonSerializer.Serialize(own, Readable));
    }

    [Theory]
    [Trait("Accepts", "W.9")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Tools_are_listed_in_the_order_of_their_names_and_no_inner_tool_is_among_them(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);

        Assert.Equal(
            ["brief", "calculator", "cancel_thread", "careful", "deploybot", "fork_thread", "get_thread", "guarded", "invoke_agent", "list_agents",
                "list_threads", "listed", "pipeline", "puppet", "resume_thread", "rollback", "slow", "wait_thread"],
            (await Tools(server)).Select(Name));
    }

    [Fact]
    public void Only_tools_that_read_are_called_read_only_and_those_that_decide_are_called_destructive()
    {
        Assert.Equal(
            ["calculator destructive", "cancel_thread destructive", "deploybot destructive", "fork_thread", "get_thread read-only", "invoke_agent destructive",
                "list_agents read-only", "list_threads read-only", "pipeline destructive", "resume_thread destructive", "rollback destructive", "wait_thread read-only"],
            ToolsFile.All.EnumerateArray().Select(tool => Name(tool)
                + (tool.GetProperty("annotations").GetProperty("readOnlyHint").GetBoolean() ? " read-only" : "")
                + (tool.GetProperty("annotations").GetProperty("destructiveHint").GetBoolean() ? " destructive" : "")));
    }

    private static async Task<List<JsonElement>> Tools(RunningServer server) =>
        [.. (await server.Send("tools/list")).GetProperty("tools").EnumerateArray()];

    private static string Name(JsonElement tool) => tool.GetProperty("name").GetString()!;
}
