using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Tasks;

/// <summary>The whole life of a task, message by message.</summary>
public sealed class Life_of_a_task(SharedServers servers)
{
    private const string Server = "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"agentmcp\",\"title\":\"AgentMcp\",\"version\":\"0.1.0\"}}";
    private const string Stream = "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":2}";
    private const string Rest = "\"createdAt\":\"TIME\",\"lastUpdatedAt\":\"TIME\",\"ttlMs\":null,\"pollIntervalMs\":1000";

    [Theory]
    [Trait("Accepts", "W.6")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task From_a_call_over_a_question_to_its_result(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database, new Dictionary<string, string> { ["pause"] = "task" });

        var created = await client.Call("calculator", new { message = "divide 3 by 4" }, ModernClient.WithForms);
        var task = created.GetProperty("result").GetProperty("taskId").GetString()!;
        var waiting = await client.Get(task);
        var key = waiting.GetProperty("result").GetProperty("inputRequests").EnumerateObject().Single().Name;
        var taken = await client.Update(task, key, """{"action":"accept","content":{"approve":true,"comment":"go on"}}""");
        await client.Until(task, "completed");
        var done = await client.Get(task);

        const string who = "calculator (built-in rules, no model)";
        var fields = "{\"status\":\"completed\",\"thread_id\":\"thr_1\",\"agent\":\"calculator\",\"model\":\"rules\",\"version\":8,\"output\":{\"message\":\"The result is 0.75.\"},\"error\":null,\"requests\":[],"
            + "\"next\":\"Nothing is left to do. To go on with it, call resume_thread with thread_id \\\"thr_1\\\" and a response.\"}";
        var text = JsonSerializer.Serialize($"{who} is done. The result is 0.75.\n{fields}", Shown.Readable);
        Assert.StartsWith("thr_", task, StringComparison.Ordinal);
        Assert.Equal(
            [
                $$$"""{"result":{"resultType":"task","taskId":"thr_1","status":"input_required","statusMessage":"{{{who}}} waits for approval: Run divide with a 3, b 4?",{{{Rest}}},{{{Server}}}},"id":1,"jsonrpc":"2.0"}""",
                $$$"""{"result":{"resultType":"complete","taskId":"thr_1","status":"input_required","statusMessage":"{{{who}}} waits for approval: Run divide with a 3, b 4?",{{{Rest}}}"""
                    + ""","inputRequests":{"req_1_3":{"method":"elicitation/create","params":{"mode":"form","message":"calculator asks for approval: Run divide with a 3, b 4?\n\nIf approved, divide runs with:\n  a: 3\n  b: 4","requestedSchema":{"type":"object","properties":{"approve":{"type":"boolean","title":"Approve","description":"Yes approves exactly what is shown; no rejects it."},"comment":{"type":"string","title":"Comment","description":"Why, or what should be done instead. The agent reads it."}},"required":["approve"]}}}},"""
                    + $$$"""{{{Server}}}},"id":2,"jsonrpc":"2.0"}""",
                $$$"""{"result":{"resultType":"complete",{{{Server}}}},"id":3,"jsonrpc":"2.0"}""",
                $$$"""{"result":{"resultType":"complete","taskId":"thr_1","status":"completed","statusMessage":"{{{who}}} is done. The result is 0.75.",{{{Rest}}}"""
                    + $$$""","result":{"content":[{"type":"text","text":{{{text}}}}],"structuredContent":{{{fields}}},"isError":false,"resultType":"complete"},{{{Server}}}},"id":5,"jsonrpc":"2.0"}""",
            ],
            new[] { created, waiting, taken, done }.Select(message => Shown.Of(message, task)));
    }

    [Fact]
    public async Task Every_question_of_a_task_has_a_key_of_its_own_and_a_late_answer_is_left_aside()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, servers.Settings);
        // The model is asked again after each run, and gives the same step again.
        var (task, first) = await client.Asked(servers.Model.Hold(), new { intent = "divide", a = 3, b = 4 });
        const string yes = """{"action":"accept","content":{"approve":true}}""";
        const string no = """{"action":"accept","content":{"approve":false}}""";

        var stream = await client.Listen($$"""{"taskIds":["{{task}}"]}""", ModernClient.WithForms);
        await client.Update(task, first, yes);
        await stream.UntilTask("working");
        var second = (await stream.UntilTask("input_required")).GetProperty("inputRequests").EnumerateObject().Single().Name;
        var late = await client.Update(task, first, no);
        var foreign = await client.Update(task, "req_00000000000000000000000000000000_3", no);
        var nonsense = await client.Update(task, "name", no);
        var after = await client.Do("get_thread", new { thread_id = task });

        Assert.Equal(("req_1_3", "req_1_8"), (first.Replace(task[4..], "1", StringComparison.Ordinal), second.Replace(task[4..], "1", StringComparison.Ordinal)));
        Assert.All([late, foreign, nonsense], answer => Assert.Equal("complete", answer.GetProperty("result").GetProperty("resultType").GetString()));
        Assert.Equal(second, after.GetProperty("requests")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_task_is_told_on_the_stream_as_it_is_at_first_and_then_whenever_it_changes(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database, servers.Settings);
        var held = servers.Model.Hold();
        var task = await client.Begin(held);

        var stream = await client.Listen($$"""{"taskIds":["{{task}}","thr_00000000000000000000000000000000","nonsense"]}""", ModernClient.WithForms);
        var told = new List<JsonElement> { await stream.Next(), await stream.Next() };
        held.Release(new { intent = "divide", a = 3, b = 4 });
        var asked = await stream.Next();
        var shown = await client.Get(task);
        await client.Cancel(task);
        told.Add(await stream.Next());

        Assert.Equal(
            [
                $$$"""{"method":"notifications/subscriptions/acknowledged","params":{{{{Stream}}},"notifications":{"taskIds":["thr_1"]}},"jsonrpc":"2.0"}""",
                $$$"""{"method":"notifications/tasks","params":{{{{Stream}}},"taskId":"thr_1","status":"working","statusMessage":"slow is still working.",{{{Rest}}}},"jsonrpc":"2.0"}""",
                $$$"""{"method":"notifications/tasks","params":{{{{Stream}}},"taskId":"thr_1","status":"cancelled","statusMessage":"slow was cancelled.",{{{Rest}}}},"jsonrpc":"2.0"}""",
            ],
            told.Select(message => Shown.Of(message, task)));
        // A notification holds all that tasks/get would have told.
        var (fromStream, fromGet) = (JsonNode.Parse(asked.GetProperty("params").GetRawText())!.AsObject(), JsonNode.Parse(shown.GetProperty("result").GetRawText())!.AsObject());
        fromStream.Remove("_meta");
        fromGet.Remove("_meta");
        fromGet.Remove("resultType");
        Assert.Equal("input_required", fromGet["status"]!.GetValue<string>());
        Assert.Equal(fromGet.ToJsonString(), fromStream.ToJsonString());
    }
}
