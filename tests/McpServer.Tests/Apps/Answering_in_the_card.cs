using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Apps;

public sealed class Answering_in_the_card(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "P.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Counts_as_a_person_and_the_log_says_who_and_through_what(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);
        var pending = await CardHost.Guarded(host);

        var after = await host.Do("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = pending.Token(), approved = true, comment = "fine" });

        Assert.Equal("next_step", after.Kind);
        Assert.Contains("<divide_result>\n0.75\n</divide_result>", after.Request.GetProperty("context").GetString()!, StringComparison.Ordinal);
        var log = await host.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().Single(one => one.GetProperty("type").GetString() == "request_answered" && one.TryGetProperty("approved", out var yes) && yes.ValueKind == JsonValueKind.True);
        Assert.Equal(("local", "app", "fine"), (answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("comment").GetString()));
        var told = after.Data().GetProperty("answered");
        Assert.Equal((pending.RequestId, "Run divide with a 3, b 4?", "local", "app", true), (told.GetProperty("request_id").GetString(), told.GetProperty("question").GetString(),
            told.GetProperty("by").GetString(), told.GetProperty("channel").GetString(), told.GetProperty("approved").GetBoolean()));
    }

    [Theory]
    [Trait("Accepts", "P.5")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Arguments_are_changed_where_the_tool_allows_it(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);
        var start = await host.Do("careful", new { message = "go" });
        var pending = await host.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "divide", a = 3, b = 0 } });

        var misfit = await host.Refusal("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = pending.Token(), approved_with_changes = new { a = 3, b = "four" } });
        var after = await host.Do("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = pending.Token(), approved_with_changes = new { a = 3, b = 4 } });

        Assert.StartsWith("invalid_response: The changed arguments do not fit:", misfit, StringComparison.Ordinal);
        Assert.Contains("0.75", after.Request.GetProperty("context").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"a":3,"b":4}""", after.Data().GetProperty("answered").GetProperty("arguments").GetRawText());
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_thread_is_followed_from_its_question_to_its_result_without_the_model(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);
        var question = await host.Do("calculator", new { message = "hello" });

        var approval = await host.Do("answer_request", new { thread_id = question.ThreadId, request_id = question.RequestId, token = question.Token(), response = "divide 3 by 4" });
        var rejected = await host.Do("answer_request",
            new { thread_id = question.ThreadId, request_id = approval.RequestId, token = approval.Token(), approved = false, comment = "use 5 instead of 4", wait_seconds = 0 });
        var again = await host.Do("follow_thread", new { thread_id = question.ThreadId, request_id = approval.RequestId, token = rejected.Data().GetProperty("token").GetString(), wait_seconds = 40 });
        var done = await host.Do("answer_request", new { thread_id = question.ThreadId, request_id = again.RequestId, token = again.Token(), approved = true });

        Assert.Equal(("Run divide with a 3, b 4?", "Run divide with a 3, b 5?", "The result is 0.6."),
            (approval.Request.GetProperty("question").GetString(), again.Request.GetProperty("question").GetString(), done.Message));
        Assert.False(again.Data().GetProperty("answered").GetProperty("approved").GetBoolean());
        Assert.Empty(done.Data().GetProperty("requests").EnumerateObject());
    }

    [Theory]
    [Trait("Accepts", "F6.8")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_same_answer_again_changes_nothing_and_a_different_one_comes_too_late(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);
        var pending = await CardHost.Guarded(host);
        var yes = new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = pending.Token(), approved = true };
        var first = await host.Do("answer_request", yes);

        var again = await host.Do("answer_request", yes);
        var late = await host.Refusal("answer_request", new { yes.thread_id, yes.request_id, yes.token, approved = false });

        Assert.Equal(first.Version, again.Version);
        Assert.StartsWith($"already_answered: {pending.RequestId} was already answered (approved: true) by local through app at ", late, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Works_across_a_restart_of_the_server_and_from_another_process()
    {
        var pending = await Ask();
        await using var other = await CardHost.Start(servers, Transport.Stdio, Ways.Sessions);

        var after = await other.Do("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = pending.Token(), approved = true });

        Assert.Equal("next_step", after.Kind);

        async Task<Reply> Ask()
        {
            await using var host = await CardHost.Start(servers, Transport.Stdio, Ways.Newest);
            return await CardHost.Guarded(host);
        }
    }

    [Fact]
    public async Task Is_no_task_even_for_a_client_that_takes_tasks()
    {
        var options = CardHost.Declares("text/html;profile=mcp-app");
        options.Capabilities!.Extensions!["io.modelcontextprotocol/tasks"] = new System.Text.Json.Nodes.JsonObject();
        await using var host = await CardHost.Start(servers, Transport.Http, Ways.Newest, options: options);
        var pending = await CardHost.Guarded(host);

        var after = await host.Do("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = pending.Token(), approved = true, wait_seconds = 0 });

        Assert.Contains(after.Status, new[] { "running", "pending" });
    }
}
