using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Threads;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Access;

public sealed class Only_approvers_answer_for_people
{
    [Fact]
    [Trait("Accepts", "P.4")]
    public async Task A_caller_with_run_alone_is_refused_and_an_approver_answers_in_its_own_name()
    {
        await using var server = await GuardedServer.Start(("approvals", "human"));
        await server.Key("ana", "run");
        await server.Key("app", "approve");
        var thread = (await server.Asking("ana")).Thread.Id;
        await using var ana = await server.Mcp("ana");
        await using var app = await server.Mcp("app");

        var refused = await Resume(ana, thread);
        var byForm = await GuardedServer.Say(server.As("ana"), "POST", $"/api/v1/threads/{thread}/answer", """{"approved":true}""");
        var taken = await Resume(app, thread);
        var again = await Resume(app, thread, new State.Threads.RequestId(3).In(thread));

        Assert.StartsWith("human_required: Only a person may answer", refused, StringComparison.Ordinal);
        Assert.StartsWith("403 ", byForm, StringComparison.Ordinal);
        Assert.StartsWith("calculator (built-in rules, no model) is done.", taken, StringComparison.Ordinal);
        Assert.Equal(taken, again);
        var log = server.Core.Host.Get(thread, "ana");
        Assert.Equal([("ana", "http"), ("ana", "rest")], log.Events.OfType<AnswerRefused>().Select(e => (e.By, e.Channel)));
        Assert.Equal(("app", "http"), log.Thread.Answers.Values.Select(answer => (answer.By, answer.Channel)).Single());
    }

    [Theory]
    [InlineData(Ways.Newest)]
    [InlineData(Ways.Sessions)]
    public async Task A_form_that_would_not_count_is_not_shown(string protocol)
    {
        await using var server = await GuardedServer.Start(("approvals", "human"));
        await server.Key("ana", "run");
        await server.Key("mia", "run,approve");
        var shown = 0;

        Assert.Equal("pending", await Divide("ana"));
        Assert.Equal(0, shown);
        Assert.Equal("completed", await Divide("mia"));
        Assert.Equal(1, shown);

        async Task<string?> Divide(string name)
        {
            await using var client = await server.Mcp(name, protocol, new()
            {
                Handlers = new()
                {
                    ElicitationHandler = (_, _) =>
                    {
                        shown++;
                        return ValueTask.FromResult(new ElicitResult { Action = "accept", Content = new Dictionary<string, System.Text.Json.JsonElement> { ["approve"] = System.Text.Json.JsonElement.Parse("true") } });
                    },
                },
            });
            var result = await client.CallToolAsync("calculator", new Dictionary<string, object?> { ["message"] = "divide 3 by 4" }, cancellationToken: TestContext.Current.CancellationToken);
            return result.StructuredContent!.Value.GetProperty("status").GetString();
        }
    }

    [Fact]
    public async Task Of_several_approvers_only_those_who_are_named_see_and_answer_it()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "named.agent.md"),
            "---\nname: named\ndescription: An agent of the tests.\nmodel: caller\ntools: [divide]\npeople: { responders: [mia] }\n---\nYou are {{agent}}.\n", TestContext.Current.CancellationToken);
        await using var server = await GuardedServer.Start(("agents", folder.Path));
        await server.Key("mia", "approve");
        await server.Key("ben", "approve");
        var log = await server.Settled("ana", "named", State.Json.JsonText.Parse("""{"message":"go"}"""));
        var thread = log.Thread.Id;
        await server.Core.Host.Answer(thread, new("ana", "http"), null, null, State.Json.JsonText.Parse("""{"intent":"divide","a":3,"b":4}"""), null);

        Assert.StartsWith("404 ", await GuardedServer.Say(server.As("ben"), "GET", $"/api/v1/threads/{thread}"), StringComparison.Ordinal);
        Assert.Equal("""200 {"requests":[],"next_cursor":null}""", await GuardedServer.Say(server.As("ben"), "GET", "/api/v1/requests"));
        Assert.Contains(thread.Value[4..], await GuardedServer.Say(server.As("mia"), "GET", "/api/v1/requests"), StringComparison.Ordinal);
        Assert.Contains(thread.Value, await GuardedServer.Say(server.As("mia"), "GET", "/api/v1/threads"), StringComparison.Ordinal);
        Assert.DoesNotContain(thread.Value, await GuardedServer.Say(server.As("ben"), "GET", "/api/v1/threads"), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await GuardedServer.Say(server.As("mia"), "POST", $"/api/v1/threads/{thread}/answer", """{"approved":true}"""), StringComparison.Ordinal);
    }

    private static async Task<string> Resume(McpClient client, ThreadId thread, string? request = null)
    {
        var arguments = new Dictionary<string, object?> { ["thread_id"] = thread.Value, ["approved"] = true };
        if (request is not null)
        {
            arguments["request_id"] = request;
        }

        var result = await client.CallToolAsync("resume_thread", arguments, cancellationToken: TestContext.Current.CancellationToken);
        return ((TextContentBlock)result.Content[0]).Text;
    }
}
