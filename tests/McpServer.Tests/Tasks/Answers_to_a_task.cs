using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Tasks;

public sealed class Answers_to_a_task(SharedServers servers)
{
    private static readonly object Divide = new { intent = "divide", a = 3, b = 4 };

    [Theory]
    [Trait("Accepts", "P.4")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task An_answer_in_the_form_is_a_persons_where_only_a_person_may_give_it(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database, new Dictionary<string, string> { ["pause"] = "task", ["approvals"] = "human" });
        var created = await client.Call("calculator", new { message = "divide 3 by 4" }, ModernClient.WithForms);
        var task = created.GetProperty("result").GetProperty("taskId").GetString()!;
        var key = (await client.Until(task, "input_required")).GetProperty("inputRequests").EnumerateObject().Single().Name;

        var byTheModel = await client.Call("resume_thread", new { thread_id = task, approved = true }, ModernClient.WithForms);
        await client.Update(task, key, """{"action":"accept","content":{"approve":true}}""");
        var done = await client.Until(task, "completed");
        var log = await client.Do("get_thread", new { thread_id = task, include_events = true });

        Assert.StartsWith("human_required: Only a person may answer", byTheModel.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("calculator (built-in rules, no model) is done. The result is 0.75.", done.GetProperty("statusMessage").GetString());
        Assert.Equal("""{"type":"request_answered","request":3,"by":"local","channel":"elicitation","approved":true,"at":"TIME"}""", Shown.Of(Event(log, "request_answered")));
    }

    [Theory]
    [Trait("Accepts", "F6.7")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Answered_by_another_client_the_task_goes_on_and_a_later_answer_changes_nothing(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database, servers.Settings);
        await using var other = await RunningServer.Start(Transport.Stdio, folder.Database, settings: servers.Settings);
        var (task, key) = await client.Asked(servers.Model.Hold(), Divide);
        var stream = await client.Listen($$"""{"taskIds":["{{task}}"]}""", ModernClient.WithForms);
        await stream.UntilTask("input_required");

        await other.Do("resume_thread", new { thread_id = task, approved = false, comment = "not today", wait_seconds = 0 });
        var moved = await stream.Until(message => !Shown.Of(message).Contains(key, StringComparison.Ordinal));
        var late = await client.Update(task, key, """{"action":"accept","content":{"approve":true}}""");
        var log = await client.Do("get_thread", new { thread_id = task, include_events = true });

        Assert.Equal("notifications/tasks", moved.GetProperty("method").GetString());
        Assert.Equal("complete", late.GetProperty("result").GetProperty("resultType").GetString());
        Assert.Equal("""{"type":"request_answered","request":3,"by":"local","channel":"stdio","approved":false,"comment":"not today","at":"TIME"}""", Shown.Of(Event(log, "request_answered")));
    }

    [Theory]
    [Trait("Accepts", "P.4")]
    [InlineData("decline")]
    [InlineData("cancel")]
    public async Task A_form_that_is_closed_leaves_the_request_open_and_ends_the_task_in_the_plain_result(string action)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, servers.Settings);
        var (task, key) = await client.Asked(servers.Model.Hold(), Divide);

        await client.Update(task, key, $$"""{"action":"{{action}}"}""");
        await client.Update(task, key, $$"""{"action":"{{action}}"}""");
        var over = await client.Until(task, "completed");
        var log = await client.Do("get_thread", new { thread_id = task, include_events = true });

        Assert.Equal((false, "pending", key), (over.GetProperty("result").GetProperty("isError").GetBoolean(),
            over.GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString(), log.GetProperty("requests")[0].GetProperty("id").GetString()));
        Assert.Equal($$"""{"type":"answer_refused","request":3,"by":"local","channel":"elicitation","reason":"the form was closed without an answer ({{action}})","at":"TIME"}""",
            Shown.Of(Event(log, "answer_refused")));
    }

    [Fact]
    [Trait("Accepts", "P.4")]
    public async Task An_answer_counts_also_when_the_host_of_another_client_has_closed_the_form_meanwhile()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, new Dictionary<string, string> { ["pause"] = "task" });
        await using var closing = await RunningServer.Start(Transport.Stdio, folder.Database, Ways.Sessions,
            options: new() { Handlers = new() { ElicitationHandler = (_, _) => ValueTask.FromResult(new ElicitResult { Action = "decline" }) } });
        var created = await client.Call("calculator", new { message = "divide 3 by 4" }, ModernClient.WithForms);
        var task = created.GetProperty("result").GetProperty("taskId").GetString()!;
        var key = (await client.Until(task, "input_required")).GetProperty("inputRequests").EnumerateObject().Single().Name;

        await closing.Do("wait_thread", new { thread_id = task });
        await client.Update(task, key, """{"action":"accept","content":{"approve":true}}""");
        await client.Update(task, key, """{"action":"decline"}""");
        var log = await client.Do("get_thread", new { thread_id = task, include_events = true });

        Assert.Equal(
            [
                """{"type":"answer_refused","request":3,"by":"local","channel":"elicitation","reason":"the form was closed without an answer (decline)","at":"TIME"}""",
                """{"type":"request_answered","request":3,"by":"local","channel":"elicitation","approved":true,"at":"TIME"}""",
            ],
            log.GetProperty("events").EnumerateArray().Select(happened => Shown.Of(happened)).Where(happened => happened.Contains("\"request\":3", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Accepts", "F6.5")]
    public async Task An_answer_that_does_not_fit_the_form_is_refused_and_the_form_stays_open()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, servers.Settings);
        var (task, key) = await client.Asked(servers.Model.Hold(), Divide);

        var errors = new List<string>();
        foreach (var answer in new[] { """{"action":"accept"}""", """{"action":"accept","content":{"approve":"yes"}}""", "7", """{"action":true}""" })
        {
            errors.Add(Shown.Of((await client.Update(task, key, answer)).GetProperty("error"), task));
        }

        var missing = await client.Ask("tasks/update", new() { ["taskId"] = task }, ModernClient.WithForms);

        Assert.Equal("""{"code":-32602,"message":"The answer to req_1_3 does not fit its form. The request stays open."}""", errors[0]);
        Assert.Equal(errors[0], errors[1]);
        Assert.All(errors[2..], error => Assert.StartsWith("""{"code":-32602,"message":"The answer to req_1_3 is no elicitation result: """, error, StringComparison.Ordinal));
        Assert.Equal("""{"code":-32602,"message":"tasks/update needs inputResponses."}""", Shown.Of(missing.GetProperty("error")));
        Assert.Equal("input_required", await client.Status(task));
    }

    [Fact]
    public async Task A_client_without_forms_gets_the_plain_result_as_soon_as_a_person_is_needed()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database, servers.Settings);
        var held = servers.Model.Hold();
        var task = await client.Begin(held);
        held.Release(Divide);

        var over = await client.Until(task, "completed", ModernClient.WithTasks);

        Assert.Equal("pending", over.GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString());
        Assert.Equal("input_required", await client.Status(task, ModernClient.WithForms));
    }

    private static JsonElement Event(JsonElement log, string type) =>
        log.GetProperty("events").EnumerateArray().Single(happened => happened.GetProperty("type").GetString() == type && !happened.GetRawText().Contains("only a person", StringComparison.Ordinal));
}
