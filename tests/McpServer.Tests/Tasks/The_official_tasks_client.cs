using System.Text.Json;
using AgentMcp.Server.Tests.NodeClients;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Tasks;

/// <summary>@modelcontextprotocol/ext-tasks, which checks every task against the schemas of the extension.</summary>
public sealed class The_official_tasks_client(SharedServers servers)
{
    [Fact]
    public async Task Asks_its_person_and_returns_the_result()
    {
        var seen = await Run("calculator", new { message = "divide 3 by 4" }, new { action = "accept", content = new { approve = true } });

        Assert.Equal(["tools/call", "tasks/get", "tasks/update", "tasks/get"], Sent(seen));
        Assert.Equal("""[{"delivery":"task-update","message":"calculator asks for approval: Run divide with a 3, b 4?\n\nIf approved, divide runs with:\n  a: 3\n  b: 4"}]""",
            Shown.Of(seen.GetProperty("asked")));
        Assert.Equal(("completed", "completed"), Ended(seen));
    }

    [Fact]
    public async Task Is_told_what_still_waits_when_nobody_answers_its_form()
    {
        var closed = await Run("calculator", new { message = "divide 3 by 4" }, new { action = "decline" });
        var nobody = await Run("calculator", new { message = "divide 3 by 4" }, null);

        Assert.Equal(["tools/call", "tasks/get", "tasks/update", "tasks/get"], Sent(nobody));
        Assert.Equal([("completed", "pending"), ("completed", "pending")], [Ended(closed), Ended(nobody)]);
    }

    [Fact]
    public async Task Cancels_what_is_at_work()
    {
        var seen = await Run("slow", new { message = servers.Model.Hold().Word, wait_seconds = 0 }, null, cancel: true);

        Assert.Contains("tasks/cancel", Sent(seen));
        Assert.Equal("cancelled", seen.GetProperty("outcome").GetProperty("status").GetString());
    }

    private async Task<JsonElement> Run(string tool, object arguments, object? answer, bool cancel = false)
    {
        Node.Require();
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, settings: new Dictionary<string, string>(servers.Settings) { ["pause"] = "task" });
        return JsonElement.Parse(await Node.Run("node", ["tasks.mjs", JsonSerializer.Serialize(new { url = server.Url!.ToString(), tool, arguments, answer, cancel })]));
    }

    private static IEnumerable<string?> Sent(JsonElement seen) => seen.GetProperty("sent").EnumerateArray().Select(method => method.GetString());

    private static (string? Task, string? Thread) Ended(JsonElement seen)
    {
        var outcome = seen.GetProperty("outcome");
        return (outcome.GetProperty("status").GetString(), outcome.GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString());
    }
}
