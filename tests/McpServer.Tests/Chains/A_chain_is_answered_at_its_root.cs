using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Chains;

public sealed class A_chain_is_answered_at_its_root
{
    [Theory]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "W.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Three_levels_show_the_inner_action_and_one_answer_resumes_them_all(Transport transport, string protocol)
    {
        await using var chain = new Chain();
        await using var server = await chain.Start(transport, protocol);

        var pending = await server.Do("chief", new { message = "halve and halve again" });

        var requests = pending.Json.GetProperty("requests").EnumerateArray().ToList();
        Assert.Equal(["approval", "child", "child"], requests.Select(request => request.GetProperty("kind").GetString()));
        var (inner, path) = (requests[0].GetProperty("id").GetString()!, Path(requests[0]));
        Assert.Equal(("divide", """{"a":3,"b":4}"""), (requests[0].GetProperty("action").GetProperty("tool").GetString(), requests[0].GetProperty("action").GetProperty("arguments").GetRawText()));
        Assert.StartsWith("sha256:", requests[0].GetProperty("action").GetProperty("digest").GetString(), StringComparison.Ordinal);
        Assert.Equal((3, pending.ThreadId), (path.Count, path[0]));
        Assert.Equal([path[..2], path[..1]], requests.Skip(1).Select(Path));
        Assert.Equal("chief has called calculator. calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 4?", pending.Sentence);
        Assert.Equal($"Ask the user. Then call resume_thread with thread_id \"{pending.ThreadId}\", request_id \"{inner}\" and approved true or false (comment optional).", pending.Next);
        var seen = await server.Do("get_thread", new { thread_id = pending.ThreadId });
        Assert.Equal(pending.Json.GetRawText(), seen.Json.GetRawText());
        // Asked in the middle, it is the same request with the same path.
        var middle = await server.Do("get_thread", new { thread_id = path[1] });
        Assert.Equal(path, Path(middle.Json.GetProperty("requests")[0]));

        var done = await server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = inner, approved = true });

        Assert.Equal(("completed", "chief: The result is 0.75."), (done.Status, done.Message));
        var again = await server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = inner, approved = true });
        Assert.Equal((done.Version, "completed"), (again.Version, again.Status));
    }

    [Theory]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "W.5")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Without_a_request_id_the_one_open_request_of_the_chain_is_meant(Transport transport, string protocol)
    {
        await using var chain = new Chain();
        await using var server = await chain.Start(transport, protocol);
        var pending = await server.Do("chief", new { message = "go" });
        var child = Path(pending.Json.GetProperty("requests")[0])[1];

        var boss = await server.Do("resume_thread", new { thread_id = child, approved = true });
        var done = await server.Do("wait_thread", new { thread_id = pending.ThreadId });

        Assert.Equal(("boss: The result is 0.75.", "chief: The result is 0.75."), (boss.Message, done.Message));
    }

    [Fact]
    [Trait("Accepts", "P.4")]
    public async Task A_person_at_the_terminal_answers_the_root_and_sees_what_is_asked_below_it()
    {
        await using var chain = new Chain("answerable_by: human");
        await using var server = await chain.Start(Transport.Stdio);
        var pending = await server.Do("chief", new { message = "go" });
        Assert.Equal($"Only a person may answer this. Tell the user to run: agentmcp answer {pending.ThreadId} (there they can approve, reject or respond). "
            + $"Then call wait_thread with thread_id \"{pending.ThreadId}\".", pending.Next);

        var shown = await Run(chain, "show", pending.ThreadId, "--json");
        var done = await Run(chain, "answer", pending.ThreadId, "--approve", "--json");

        Assert.Equal("divide", shown.GetProperty("requests")[0].GetProperty("action").GetProperty("tool").GetString());
        Assert.Equal("chief: The result is 0.75.", done.GetProperty("output").GetProperty("message").GetString());
    }

    [Theory]
    [Trait("Accepts", "F6.5")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_request_of_a_thread_that_was_not_called_from_here_is_not_found(Transport transport)
    {
        await using var chain = new Chain();
        await using var server = await chain.Start(transport);
        var pending = await server.Do("chief", new { message = "go" });
        var stranger = await server.Do("calculator", new { message = "divide 1 by 2" });

        Assert.StartsWith($"request_not_found: '{stranger.RequestId}' is not a request of {pending.ThreadId}.",
            await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, request_id = stranger.RequestId, approved = true }), StringComparison.Ordinal);
        Assert.StartsWith("wrong_answer: ", await server.Refusal("resume_thread",
            new { thread_id = pending.ThreadId, request_id = pending.Json.GetProperty("requests")[2].GetProperty("id").GetString(), approved = true }), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "P.2")]
    [Trait("Accepts", "P.3")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_caller_that_wants_a_person_gets_one_for_what_its_children_ask(Transport transport)
    {
        await using var chain = new Chain("answerable_by: human");
        await using var server = await chain.Start(transport);

        var pending = await server.Do("chief", new { message = "go" });
        var request = pending.Json.GetProperty("requests")[0];

        Assert.Equal("human", request.GetProperty("answerable_by").GetString());
        foreach (var thread_id in Path(request))
        {
            Assert.StartsWith("human_required: ", await server.Refusal("resume_thread", new { thread_id, approved = true }), StringComparison.Ordinal);
        }
    }

    [Theory]
    [Trait("Accepts", "F6.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Cancelling_the_root_ends_all_of_it_and_cancelling_a_child_only_its_call(Transport transport, string protocol)
    {
        await using var chain = new Chain();
        await using var server = await chain.Start(transport, protocol);
        var pending = await server.Do("chief", new { message = "go" });

        await server.Do("cancel_thread", new { thread_id = pending.ThreadId, reason = "enough" });

        foreach (var thread_id in Path(pending.Json.GetProperty("requests")[0]))
        {
            Assert.Equal("cancelled", (await server.Do("get_thread", new { thread_id })).Status);
        }

        pending = await server.Do("chief", new { message = "go" });
        await server.Do("cancel_thread", new { thread_id = Path(pending.Json.GetProperty("requests")[0])[2] });
        // The calculator fails for boss, which says so and is done; chief hears of it.
        pending = await server.Do("wait_thread", new { thread_id = pending.ThreadId });
        Assert.Equal(("completed", "chief: calculator failed"), (pending.Status, pending.Message));
    }

    [Theory]
    [Trait("Accepts", "D.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_form_of_the_inner_request_is_shown_to_the_client_of_the_root(Transport transport, string protocol)
    {
        await using var chain = new Chain("answerable_by: human");
        var shown = new List<string>();
        await using var server = await chain.Start(transport, protocol, new()
        {
            Handlers = new()
            {
                ElicitationHandler = (form, _) =>
                {
                    shown.Add(form!.Message);
                    return ValueTask.FromResult(new ElicitResult { Action = "accept", Content = new Dictionary<string, JsonElement> { ["approve"] = JsonElement.Parse("true") } });
                },
            },
        });

        var done = await server.Do("chief", new { message = "go" });

        Assert.Equal(("completed", "chief: The result is 0.75."), (done.Status, done.Message));
        Assert.Contains("Run divide with a 3, b 4?", Assert.Single(shown), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "D.6")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_task_of_the_root_asks_what_its_children_ask(Transport transport)
    {
        await using var chain = new Chain();
        await using var client = await ModernClient.Start(transport, chain.Database, chain.Settings.Append(new("pause", "task")).ToDictionary());
        var asked = chain.Hold("boss");
        var created = await client.Call("chief", new { message = "go", wait_seconds = 0 }, ModernClient.WithForms);
        var task = created.GetProperty("result").GetProperty("taskId").GetString()!;
        await asked;
        var stream = await client.Listen($$"""{"taskIds":["{{task}}"]}""", ModernClient.WithForms);
        await stream.UntilTask("working");

        chain.LetGo("boss");
        var waiting = await stream.UntilTask("input_required");
        var key = waiting.GetProperty("inputRequests").EnumerateObject().Single().Name;
        await client.Ask("tasks/update", new()
        {
            ["taskId"] = task,
            ["inputResponses"] = new System.Text.Json.Nodes.JsonObject { [key] = System.Text.Json.Nodes.JsonNode.Parse("""{"action":"accept","content":{"approve":true}}""") },
        }, ModernClient.WithForms);

        var done = await stream.UntilTask("completed");
        Assert.Equal("chief: The result is 0.75.", done.GetProperty("result").GetProperty("structuredContent").GetProperty("output").GetProperty("message").GetString());
    }

    private static async Task<JsonElement> Run(Chain chain, params string[] arguments)
    {
        using var process = RunningServer.Launch(arguments, chain.Database, chain.Settings);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return JsonElement.Parse(output);
    }

    private static List<string> Path(JsonElement request) => [.. request.GetProperty("path").EnumerateArray().Select(thread => thread.GetString()!)];
}
