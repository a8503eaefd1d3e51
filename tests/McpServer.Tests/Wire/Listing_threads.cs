using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Listing_threads(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "W.8")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Status_agent_kind_and_age_each_narrow_the_list(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var completed = await Start(server, new { intent = "done_for_now", message = "Done." });
        var approval = await Start(server, new { intent = "divide", a = 3, b = 4 });
        var step = await server.Do("listed", new { message = "go" });
        var moment = step.Request.GetProperty("requested_at").GetString()!;

        Assert.Equal([step.ThreadId, approval, completed], await List(server, new { agent = "listed" }));
        Assert.Equal([step.ThreadId, approval], await List(server, new { agent = "listed", status = "pending" }));
        Assert.Equal([completed], await List(server, new { agent = "listed", status = "completed" }));
        Assert.Equal([approval], await List(server, new { agent = "listed", kind = "approval" }));
        Assert.Equal([approval], await List(server, new { agent = "listed", status = "pending", kind = "approval", started_before = moment }));
        Assert.Equal([], await List(server, new { agent = "listed", started_after = "2999-01-01T00:00:00Z" }));
        Assert.Equal([], await List(server, new { agent = "listed", started_before = "2001-01-01T00:00:00Z" }));
        Assert.Equal([step.ThreadId, approval, completed], await List(server, new { agent = "listed", started_after = "1960-01-01T00:00:00Z" }));
        Assert.Contains(approval, await List(server, new { kind = "approval", limit = 200 }));
        Assert.StartsWith("invalid_input: The arguments of list_threads do not fit: 'status' must be one of \"running\", \"pending\", ",
            await server.Refusal("list_threads", new { status = "waiting" }), StringComparison.Ordinal);
        Assert.StartsWith("thread_not_found: 'page 2' is not a thread id.", await server.Refusal("list_threads", new { cursor = "page 2" }), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "W.8")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Pages_neither_skip_nor_repeat_a_thread_while_others_are_added(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var mine = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            mine.Insert(0, (await server.Do("brief", new { message = "go" })).ThreadId);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Page(server, cursor is null ? new { agent = "brief", limit = 2 } : new { agent = "brief", limit = 2, cursor });
            Assert.True(page.GetProperty("threads").GetArrayLength() <= 2);
            seen.AddRange(Ids(page));
            cursor = page.GetProperty("next_cursor").GetString();
            await server.Do("brief", new { message = "one more" });
        }
        while (cursor is not null);

        Assert.Equal(seen.Distinct(), seen);
        Assert.Equal(mine, seen.Where(mine.Contains));
    }

    [Theory]
    [Trait("Accepts", "F4.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_agents_are_listed_with_their_schemas_and_what_is_wrong_with_the_others(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);

        var listed = await server.Ask("list_agents", new { });

        Assert.Null(JsonSchemas.Violation(Schema("list_agents"), JsonText.From(listed)));
        Assert.Equal(["brief", "calculator", "careful", "deploybot", "guarded", "listed", "pipeline", "puppet", "rollback", "slow"], listed.GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("name").GetString()));
        Assert.Equal("""{"type":"object","properties":{"message":{"type":"string","minLength":1}},"required":["message"],"additionalProperties":false}""",
            listed.GetProperty("agents")[1].GetProperty("input").GetRawText());
        Assert.Equal([$"{servers.AgentsFolder}/get_thread.agent.md:1: an agent cannot be named 'get_thread'; a tool of the server has that name"],
            listed.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()));
    }

    private static async Task<string> Start(RunningServer server, object step)
    {
        var thread = await server.Do("listed", new { message = "go" });
        return (await server.Do("resume_thread", new { thread_id = thread.ThreadId, response = step })).ThreadId;
    }

    private static async Task<JsonElement> Page(RunningServer server, object filter)
    {
        var page = await server.Ask("list_threads", filter);
        Assert.Null(JsonSchemas.Violation(Schema("list_threads"), JsonText.From(page)));
        return page;
    }

    private static async Task<List<string>> List(RunningServer server, object filter) => Ids(await Page(server, filter));

    private static List<string> Ids(JsonElement page) => [.. page.GetProperty("threads").EnumerateArray().Select(row => row.GetProperty("thread_id").GetString()!)];

    private static JsonText Schema(string tool) => JsonText.From(ToolsFile.Tool(tool).GetProperty("outputSchema"));
}
