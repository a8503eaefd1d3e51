using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Tasks;

public sealed class Tasks_outlive_everything(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "F6.3")]
    [Trait("Accepts", "R.3")]
    [InlineData(Transport.Stdio, Transport.Http)]
    [InlineData(Transport.Http, Transport.Stdio)]
    public async Task Killed_at_work_the_task_is_at_work_in_the_next_process_and_its_question_is_answered_in_a_third(Transport first, Transport second)
    {
        using var folder = new TestFolder();
        var held = servers.Model.Hold();
        string task;
        await using (var client = await ModernClient.Start(first, folder.Database, servers.Settings))
        {
            task = await client.Begin(held);
            await held.Asked;
            client.Process!.Kill();
        }

        string key;
        await using (var client = await ModernClient.Start(second, folder.Database, servers.Settings))
        {
            Assert.Equal("working", await client.Status(task));
            held.Release(new { intent = "divide", a = 3, b = 4 });
            key = (await client.Until(task, "input_required")).GetProperty("inputRequests").EnumerateObject().Single().Name;
            client.Process!.Kill();
        }

        await using var last = await ModernClient.Start(first, folder.Database, servers.Settings);
        var before = await last.Get(task);
        await last.Update(task, key, """{"action":"accept","content":{"approve":true}}""");
        var stream = await last.Listen($$"""{"taskIds":["{{task}}"]}""", ModernClient.WithForms);
        await stream.Until(message => message.GetProperty("method").GetString() == "notifications/tasks" && !Shown.Of(message).Contains(key, StringComparison.Ordinal));
        var log = await last.Do("get_thread", new { thread_id = task, include_events = true });

        Assert.Equal(key, before.GetProperty("result").GetProperty("inputRequests").EnumerateObject().Single().Name);
        Assert.Equal(1, log.GetProperty("events").EnumerateArray().Count(happened => happened.GetProperty("type").GetString() == "request_answered"));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Cancelled_it_is_cancelled_for_good_and_cancelling_again_does_no_harm()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Http, folder.Database, servers.Settings);
        await using var elsewhere = await ModernClient.Start(Transport.Stdio, folder.Database, servers.Settings);
        var held = servers.Model.Hold();
        var task = await client.Begin(held);
        await held.Asked;

        var first = await client.Cancel(task);
        held.Finish();
        var again = await elsewhere.Cancel(task);
        var seen = await elsewhere.Get(task);
        var thread = await client.Do("get_thread", new { thread_id = task });

        const string server = "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"agentmcp\",\"title\":\"AgentMcp\",\"version\":\"0.1.0\"}}";
        Assert.Equal([$"{{\"resultType\":\"complete\",{server}}}", $"{{\"resultType\":\"complete\",{server}}}"],
            new[] { first, again }.Select(answer => Shown.Of(answer.GetProperty("result"))));
        Assert.Equal(
            $"{{\"resultType\":\"complete\",\"taskId\":\"thr_1\",\"status\":\"cancelled\",\"statusMessage\":\"slow was cancelled.\",\"createdAt\":\"TIME\",\"lastUpdatedAt\":\"TIME\",\"ttlMs\":null,\"pollIntervalMs\":1000,{server}}}",
            Shown.Of(seen.GetProperty("result"), task));
        Assert.Equal("cancelled", thread.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_thread_that_failed_is_a_completed_task_whose_result_is_an_error()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, servers.Settings);
        var brief = (await client.Do("brief", new { message = "go" })).GetProperty("thread_id").GetString()!;
        await client.Do("resume_thread", new { thread_id = brief, response = new { intent = "add", a = 1, b = 2 } });
        await client.Do("resume_thread", new { thread_id = brief, approved = false });

        var task = (await client.Get(brief)).GetProperty("result");

        Assert.Equal(("completed", true, "failed"), (task.GetProperty("status").GetString(), task.GetProperty("result").GetProperty("isError").GetBoolean(),
            task.GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_step_the_caller_owes_ends_the_task_and_the_next_call_on_the_thread_begins_it_again()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, servers.Settings);
        var thread = (await client.Do("puppet", new { message = "go" }, ModernClient.WithForms)).GetProperty("thread_id").GetString()!;

        var owed = await client.Status(thread);
        var sleeping = await client.Call("resume_thread", new { thread_id = thread, response = new { intent = "await", seconds = 600 } }, ModernClient.WithForms);

        Assert.Equal(("completed", thread, "working"), (owed, sleeping.GetProperty("result").GetProperty("taskId").GetString(), await client.Status(thread)));
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task The_official_client_follows_a_task(Transport transport)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(transport, folder.Database, Ways.Newest, servers.Settings, new()
        {
            Capabilities = new() { Elicitation = new() { Form = new() }, Extensions = new Dictionary<string, object> { ["io.modelcontextprotocol/tasks"] = new JsonObject() } },
        });
        var held = servers.Model.Hold();

        var created = await server.Send("tools/call", new JsonObject
        {
            ["name"] = "slow",
            ["arguments"] = new JsonObject { ["message"] = held.Word, ["wait_seconds"] = 0 },
        });
        var task = created.GetProperty("taskId").GetString()!;
        held.Finish("All done.");
        var seen = await Ask("tasks/get");
        while (seen["status"]!.GetValue<string>() == "working")
        {
            seen = await Ask("tasks/get");
        }

        Assert.Equal(("task", "completed", "slow is done. All done."), (created.GetProperty("resultType").GetString(), seen["status"]!.GetValue<string>(), seen["statusMessage"]!.GetValue<string>()));

#pragma warning disable MCPEXP002 // how a client names the task in the header that routes the request
        async Task<JsonNode> Ask(string method) => (await server.Client.SendRequestAsync(
            new JsonRpcRequest { Method = method, Params = new JsonObject { ["taskId"] = task }, Context = new() { RoutingName = task } }, TestContext.Current.CancellationToken)).Result!;
    }
}
