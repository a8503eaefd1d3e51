using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Tasks;

public sealed class When_a_task_is_made(SharedServers servers)
{
    private const string Extension = "\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}";

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_call_that_finishes_within_its_wait_gives_its_plain_result(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);

        var done = await client.Call("calculator", new { message = "multiply 3 and 4" }, ModernClient.WithForms);

        Assert.Equal(("complete", "completed"), Kind(done));
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Every_call_that_waits_for_a_thread_may_become_its_task_and_one_that_only_looks_never_does(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database, servers.Settings);
        var held = servers.Model.Hold();
        var task = await client.Begin(held);
        var puppet = (await client.Do("puppet", new { message = "go" })).GetProperty("thread_id").GetString();

        var waited = await client.Call("wait_thread", new { thread_id = task, wait_seconds = 0 }, ModernClient.WithForms);
        var invoked = await client.Call("invoke_agent", new { agent = "slow", input = new { message = held.Word }, wait_seconds = 0 }, ModernClient.WithForms);
        var forked = await client.Call("fork_thread", new { thread_id = task, at_version = 1, wait_seconds = 0 }, ModernClient.WithForms);
        var sleeping = await client.Call("resume_thread", new { thread_id = puppet, response = new { intent = "await", seconds = 600 } }, ModernClient.WithTasks);
        var looked = await client.Call("get_thread", new { thread_id = task }, ModernClient.WithForms);
        var listed = await client.Call("list_threads", new { }, ModernClient.WithForms);
        var cancelled = await client.Call("cancel_thread", new { thread_id = task }, ModernClient.WithForms);

        Assert.Equal(("task", "working"), Kind(waited));
        Assert.Equal(task, waited.GetProperty("result").GetProperty("taskId").GetString());
        Assert.Equal([("task", "working"), ("task", "working"), ("task", "working")], [Kind(invoked), Kind(forked), Kind(sleeping)]);
        Assert.Equal(puppet, sleeping.GetProperty("result").GetProperty("taskId").GetString());
        Assert.Equal([("complete", "running"), ("complete", "cancelled")], [Kind(looked), Kind(cancelled)]);
        Assert.Equal("complete", listed.GetProperty("result").GetProperty("resultType").GetString());
    }

    [Theory]
    [InlineData(Transport.Stdio, "{}")]
    [InlineData(Transport.Http, "{}")]
    [InlineData(Transport.Http, """{"extensions":{"io.modelcontextprotocol/ui":{}}}""")]
    public async Task A_client_that_did_not_declare_the_extension_in_this_very_request_never_gets_one(Transport transport, string capabilities)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database, servers.Settings);
        var held = servers.Model.Hold();
        await client.Begin(held);

        var plain = await client.Call("slow", new { message = held.Word, wait_seconds = 0 }, capabilities);

        Assert.Equal(("complete", "running"), Kind(plain));
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Nor_does_a_client_of_an_earlier_protocol_whatever_it_declares(Transport transport)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(transport, folder.Database, Ways.Sessions, servers.Settings, new()
        {
            Capabilities = new() { Extensions = new Dictionary<string, object> { ["io.modelcontextprotocol/tasks"] = new System.Text.Json.Nodes.JsonObject() } },
        });

        var plain = await server.Do("slow", new { message = servers.Model.Hold().Word, wait_seconds = 0 });

        Assert.Equal("running", plain.Status);
    }

    [Theory]
    [InlineData("auto", "{" + Extension + "}", "complete", "pending")]
    [InlineData("auto", "{\"elicitation\":{\"form\":{}}," + Extension + "}", "input_required", null)]
    [InlineData("task", "{" + Extension + "}", "complete", "pending")]
    [InlineData("task", "{\"elicitation\":{\"form\":{}}," + Extension + "}", "task", "input_required")]
    [InlineData("task", "{\"elicitation\":{\"form\":{}}}", "complete", "pending")]
    [InlineData("result", "{\"elicitation\":{\"form\":{}}," + Extension + "}", "complete", "pending")]
    public async Task What_waits_for_a_person_is_shown_as_the_server_was_told_and_the_client_can(string pause, string capabilities, string resultType, string? status)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, new Dictionary<string, string> { ["pause"] = pause });

        var asked = await client.Call("calculator", new { message = "divide 3 by 4" }, capabilities);

        Assert.Equal((resultType, status), Kind(asked));
    }

    [Theory]
    [InlineData("auto", "task")]
    [InlineData("task", "task")]
    [InlineData("result", "complete")]
    [InlineData("elicit", "complete")]
    public async Task What_is_still_at_work_is_a_task_unless_the_server_was_told_not_to_make_any(string pause, string resultType)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, new Dictionary<string, string>(servers.Settings) { ["pause"] = pause });

        var running = await client.Call("slow", new { message = servers.Model.Hold().Word, wait_seconds = 0 }, ModernClient.WithForms);

        Assert.Equal(resultType, Kind(running).Type);
    }

    private static (string? Type, string? Status) Kind(JsonElement message)
    {
        var result = message.GetProperty("result");
        return (result.GetProperty("resultType").GetString(),
            result.TryGetProperty("structuredContent", out var content) ? content.GetProperty("status").GetString()
                : result.TryGetProperty("status", out var status) ? status.GetString() : null);
    }
}
