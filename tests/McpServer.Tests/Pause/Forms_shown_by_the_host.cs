using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using ModelContextProtocol;
using static AgentMcp.Server.Tests.Pause.FormHost;

namespace AgentMcp.Server.Tests.Pause;

public sealed class Forms_shown_by_the_host(SharedServers servers, FormHosts hosts) : IClassFixture<FormHosts>
{
    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task An_approval_given_in_the_form_finishes_the_call_that_met_it(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { approve = true }));

        var done = await host.Server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal((protocol, "completed", "The result is 0.75."), (host.Server.Client.NegotiatedProtocolVersion, done.Status, done.Message));
        Assert.Equal(["calculator asks for approval: Run divide with a 3, b 4?\n\nIf approved, divide runs with:\n  a: 3\n  b: 4"], host.Messages);
    }

    [Theory]
    [Trait("Accepts", "F7.4")]
    [Trait("Accepts", "P.4")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task A_rejection_reaches_the_agent_with_its_comment_and_says_who_and_through_what(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { approve = false, comment = "use 5 instead of 4" }), Fills(new { approve = true }));

        var done = await host.Server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal("The result is 0.6.", done.Message);
        Assert.Equal("calculator asks for approval: Run divide with a 3, b 5?\n\nIf approved, divide runs with:\n  a: 3\n  b: 5", host.Messages.Last());
        var log = await host.Server.Do("get_thread", new { thread_id = done.ThreadId, include_events = true });
        var first = log.Json.GetProperty("events").EnumerateArray().First(happened => happened.GetProperty("type").GetString() == "request_answered");
        Assert.Equal(("local", "elicitation", false, "use 5 instead of 4"), (first.GetProperty("by").GetString(), first.GetProperty("channel").GetString(),
            first.GetProperty("approved").GetBoolean(), first.GetProperty("comment").GetString()));
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task A_question_and_then_an_approval_are_asked_in_one_call(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { answer = "divide 3 by 4" }), Fills(new { approve = true }));

        var done = await host.Server.Do("invoke_agent", new { agent = "calculator", input = new { message = "hello" } });

        Assert.Equal("The result is 0.75.", done.Message);
        Assert.Equal(
            [
                "calculator asks: Which operation, and which numbers? For example: multiply 3 and 4.",
                "calculator asks for approval: Run divide with a 3, b 4?\n\nIf approved, divide runs with:\n  a: 3\n  b: 4",
            ], host.Messages);
    }

    [Theory]
    [Trait("Accepts", "F7.2")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task A_choice_is_offered_and_chosen(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { answer = "two" }));
        var step = await host.Server.Do("puppet", new { message = "go" });
        Assert.Empty(host.Shown);

        var next = await host.Server.Do("resume_thread", new
        {
            thread_id = step.ThreadId,
            response = new { intent = "request_human_input", question = "Which?", context = "There are two.", options = new { format = "multiple_choice", choices = new[] { "one", "two" } } },
        });

        Assert.Equal("next_step", next.Kind);
        Assert.Equal("puppet asks: Which?\n\nThere are two.", host.Messages.Single());
        Assert.Equal(JsonText.Parse("""{"type":"object","properties":{"answer":{"type":"string","title":"Answer","enum":["one","two"]}},"required":["answer"]}"""), host.Schema);
        Assert.Equal("two", (await Log(host, step.ThreadId)).Answered().GetProperty("response").GetString());
    }

    [Theory]
    [Trait("Accepts", "A2H.8")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task A_number_and_a_date_are_asked_for_as_what_they_are(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { slots = 3, releaseDate = "2026-12-01" }));
        var thread = await AskedElsewhere.Question(host.Server, servers.DatabaseOf(transport, Running.Ways.Sessions), "How many, and when?",
            """{"type":"object","properties":{"slots":{"type":"integer","minimum":1},"releaseDate":{"type":"string","format":"date"}},"required":["slots","releaseDate"]}""");

        var next = await host.Server.Do("wait_thread", new { thread_id = thread });

        Assert.Equal("next_step", next.Kind);
        Assert.Equal(JsonText.Parse("""
            {"type":"object","properties":{"slots":{"type":"integer","title":"Slots","minimum":1},"releaseDate":{"type":"string","title":"Release date","format":"date"}},
             "required":["slots","releaseDate"]}
            """), host.Schema);
        Assert.Equal(JsonText.Parse("""{"slots":3,"releaseDate":"2026-12-01"}"""), JsonText.From((await Log(host, thread)).Answered().GetProperty("response")));
    }

    [Theory]
    [Trait("Accepts", "P.4")]
    [Trait("Accepts", "P.6")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task What_only_a_person_may_approve_is_approved_in_the_form_also_of_a_fork(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Does("decline"), Fills(new { approve = true }), Fills(new { approve = true }));
        var step = await host.Server.Do("guarded", new { message = "go" });
        var pending = await host.Server.Do("resume_thread", new { thread_id = step.ThreadId, response = new { intent = "divide", a = 3, b = 4 } });
        Assert.Equal(("approval", "human"), (pending.Kind, pending.Request.GetProperty("answerable_by").GetString()));

        var own = await host.Server.Do("wait_thread", new { thread_id = pending.ThreadId });
        var fork = await host.Server.Do("fork_thread", new { thread_id = pending.ThreadId, at_version = pending.Version });

        Assert.Equal(["next_step", "next_step"], new[] { own, fork }.Select(reply => reply.Kind));
        Assert.All(new[] { own, fork }, reply => Assert.Contains("<divide_result>\n0.75\n</divide_result>", reply.Request.GetProperty("context").GetString()!, StringComparison.Ordinal));
        Assert.NotEqual(own.ThreadId, fork.ThreadId);
        Assert.Equal(3, host.Shown.Count());
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(Sessions), MemberType = typeof(FormHost))]
    public async Task A_client_that_wants_to_hear_of_progress_hears_that_a_person_is_asked(Transport transport, string protocol)
    {
        var told = new TaskCompletionSource<ProgressNotificationValue>();
        var host = await hosts.Of(transport, protocol, async (form, takenBack) =>
        {
            await told.Task.WaitAsync(takenBack);
            return await Fills(new { approve = true })(form, takenBack);
        });

        var done = Reply.Of(await host.Server.Client.CallToolAsync("calculator", new Dictionary<string, object?> { ["message"] = "divide 3 by 4" },
            new Told(told), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("The result is 0.75.", done.Message);
        var progress = await told.Task;
        Assert.Equal((3.5f, $"{done.ThreadId} waits for a person"), (progress.Progress, progress.Message));
    }

    [Theory]
    [Trait("Accepts", "P.5")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task Other_arguments_are_approved_where_the_tool_allows_it_and_refused_where_they_do_not_fit(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol,
            Fills(new { approve = true, arguments = "{\"a\": \"three\"}" }), Fills(new { approve = true, arguments = "{\"a\": 3, \"b\": 4}" }));
        var step = await host.Server.Do("careful", new { message = "go" });

        var refused = await host.Server.Do("resume_thread", new { thread_id = step.ThreadId, response = new { intent = "divide", a = 3, b = 0 } });
        var changed = await host.Server.Do("wait_thread", new { thread_id = step.ThreadId });

        Assert.StartsWith("The answer in the form was not taken: The changed arguments do not fit: ", refused.Sentence, StringComparison.Ordinal);
        Assert.Contains("0.75", changed.Request.GetProperty("context").GetString()!, StringComparison.Ordinal);
        Assert.Equal("""{"a":3,"b":4}""", (await Log(host, step.ThreadId)).Answered().GetProperty("arguments").GetRawText());
    }

    [Theory]
    [Trait("Accepts", "A2H.5")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task A_form_that_only_others_may_answer_is_not_shown(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Fills(new { answer = "me" }));
        var thread = await AskedElsewhere.Question(host.Server, servers.DatabaseOf(transport, Running.Ways.Sessions), "Who?", """{"type":"string"}""", "ann");

        var pending = await host.Server.Do("wait_thread", new { thread_id = thread });

        Assert.Equal("question", pending.Kind);
        Assert.Empty(host.Shown);
    }

    [Theory]
    [Trait("Accepts", "P.3")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task Looking_at_a_thread_shows_nobody_a_form_and_an_answer_by_the_caller_still_does_not_count(Transport transport, string protocol)
    {
        var host = await hosts.Of(transport, protocol, Does("cancel"));
        var step = await host.Server.Do("guarded", new { message = "go" });
        var pending = await host.Server.Do("resume_thread", new { thread_id = step.ThreadId, response = new { intent = "divide", a = 3, b = 4 } });

        var seen = await host.Server.Do("get_thread", new { thread_id = pending.ThreadId });
        var refused = await host.Server.Refusal("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved = true });
        await host.Server.Do("cancel_thread", new { thread_id = pending.ThreadId });

        Assert.Equal(pending.RequestId, seen.RequestId);
        Assert.StartsWith("human_required: ", refused, StringComparison.Ordinal);
        Assert.Single(host.Shown);
    }

    private sealed class Told(TaskCompletionSource<ProgressNotificationValue> told) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value)
        {
            if (value.Message!.EndsWith("waits for a person", StringComparison.Ordinal))
            {
                told.TrySetResult(value);
            }
        }
    }

    private static Task<Reply> Log(FormHost host, string thread) => host.Server.Do("get_thread", new { thread_id = thread, include_events = true });
}
