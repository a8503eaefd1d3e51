using System.Net;
using System.Text.Json;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Envelopes_start_and_resume_threads(Envelopes_start_and_resume_threads.Shared shared) : IClassFixture<Envelopes_start_and_resume_threads.Shared>, IDisposable
{
    private readonly Bench _bench = shared.Bench;
    private readonly Sender _sender = new();

    private Uri Ci => _bench.Url("/triggers/ci");

    public void Dispose() => _sender.Dispose();

    [Fact]
    [Trait("Accepts", "F11.2")]
    [Trait("Accepts", "F11.5")]
    public async Task A_conversation_starts_a_thread_that_begins_with_what_was_said()
    {
        Assert.Equal((HttpStatusCode.OK, "accepted"), Told(await _sender.Send(Ci, "conversation.created", new { user_message = "Multiply 3 and 4", user = "mia", conversation_id = "c1" })));
        var done = await Done("c1");
        Assert.Equal("The result is 12.", done.Message);
        Assert.Equal(
            ("local", "webhook:ci", "message_received", """{"message":"Multiply 3 and 4"}"""),
            (Text(done.Started(), "principal"), Text(done.Started(), "channel"), Text(done.Started(), "trigger"), done.Started().GetProperty("input").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("Multiply3and4", "Multiply 3 and 4", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Accepts", "F11.2")]
    public async Task A_slack_message_and_a_mail_are_read_with_sender_place_and_text()
    {
        await _sender.Send(Ci, "agent_slack.received", new
        {
            channel_id = "C1",
            thread_ts = "17.1",
            team_id = "T1",
            events = new[] { new { from_user_id = "U0RAVI", content = "who is up?", message_ts = "17.1" }, new { from_user_id = "U0MIA", content = "multiply 3 and 5", message_ts = "17.2" } },
        });
        var slack = await Done("C1/17.1");
        await _sender.Send(Ci, "agent_email.received", new
        {
            from_address = "mia@people.example",
            to_address = "sums@mail.example",
            subject = "A sum",
            body = "multiply 3 and 6",
            message_id = "m1@people.example",
            previous_thread = new[] { new { from_address = "ravi@people.example", subject = "Sums", content = "Ask the machine.", datetime = "2026-03-01" } },
        });
        var mail = await Done("m1@people.example");

        Assert.Equal(("The result is 15.", "The result is 18."), (slack.Message, mail.Message));
        Assert.Equal(
            """
            <slack_message_received>
            from: U0MIA
            channel: C1
            text: multiply 3 and 5
            earlier_messages:
            - from: U0RAVI
              text: who is up?
            </slack_message_received>
            """.ReplaceLineEndings("\n"), (await _bench.FirstPrompt(slack.ThreadId)).Split("\n\n")[0]);
        Assert.Equal(
            """
            <email_received>
            from: mia@people.example
            to: sums@mail.example
            subject: A sum
            body: multiply 3 and 6
            earlier_thread:
            - from: ravi@people.example
              date: "2026-03-01"
              subject: Sums
              body: Ask the machine.
            </email_received>
            """.ReplaceLineEndings("\n"), (await _bench.FirstPrompt(mail.ThreadId)).Split("\n\n")[0]);
    }

    [Fact]
    [Trait("Accepts", "F11.2")]
    [Trait("Accepts", "F11.6")]
    [Trait("Accepts", "R.2")]
    public async Task An_answer_resumes_the_thread_in_its_state_and_never_another_request()
    {
        await _sender.Send(Ci, "conversation.created", new { user_message = "Divide 3 by 4", conversation_id = "c3" });
        var asked = await Asked("c3");
        var no = new { run_id = asked.ThreadId, call_id = asked.RequestId, spec = new { fn = "divide", state = new { thread_id = asked.ThreadId } }, status = new { approved = false, comment = "use 5", user_info = new { email = "mia@people.example" } } };
        Assert.Equal("accepted", (await _sender.Send(Ci, "function_call.completed", no, id: "twice_" + asked.ThreadId)).Code);
        var again = await _bench.Until(asked.ThreadId, reply => reply.Status == "pending" && reply.RequestId != asked.RequestId);
        // The old id, again, and a yes to it: neither means the new request.
        Assert.Equal("duplicate", (await _sender.Send(Ci, "function_call.completed", no, id: "twice_" + asked.ThreadId)).Code);
        await _sender.Send(Ci, "function_call.completed", new { no.run_id, no.call_id, no.spec, status = new { approved = true, user_info = new { email = "eve@people.example" } } }, id: "late_" + asked.ThreadId);
        Assert.Contains("already answered", await _bench.Refused("late_" + asked.ThreadId), StringComparison.Ordinal);
        Assert.Equal(again.Version, (await _bench.Get(asked.ThreadId)).Version);

        await _sender.Send(Ci, "function_call.completed", new { run_id = asked.ThreadId, call_id = again.RequestId, spec = no.spec, status = new { approved = true, user_info = new { email = "mia@people.example" } } });
        Assert.Equal("The result is 0.6.", (await _bench.Until(asked.ThreadId, reply => reply.Status == "completed")).Message);
        Assert.Equal(
            [("mia@people.example", "webhook:ci", false, "use 5"), ("mia@people.example", "webhook:ci", true, null)],
            (await _bench.Events(asked.ThreadId, "request_answered")).Select(answered => (Text(answered, "by"), Text(answered, "channel"), answered.GetProperty("approved").GetBoolean(), Text(answered, "comment"))));
    }

    [Fact]
    public async Task An_answer_that_says_the_digest_of_another_request_is_refused()
    {
        await _sender.Send(Ci, "conversation.created", new { user_message = "Divide 3 by 4", conversation_id = "c8" });
        var asked = await Asked("c8");
        var digest = asked.Json.GetProperty("requests")[0].GetProperty("action").GetProperty("digest").GetString();
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "wrong_answer"), Told(await Say("sha256:" + new string('0', 64))));
        Assert.Equal((HttpStatusCode.OK, "accepted"), Told(await Say(digest)));
        await Done("c8");

        Task<Sender.Said> Say(string? of) => _sender.Send(Ci, "function_call.completed", new { call_id = asked.RequestId, spec = new { state = new { thread_id = asked.ThreadId, digest = of } }, status = new { approved = true } });
    }

    [Fact]
    [Trait("Accepts", "F11.2")]
    public async Task A_word_in_the_same_conversation_answers_the_question_and_later_goes_on_with_the_thread()
    {
        await _sender.Send(Ci, "conversation.created", new { user_message = "hello", conversation_id = "c4", user = "mia" });
        var asked = await Asked("c4");
        await _sender.Send(Ci, "conversation.created", new { user_message = "multiply 6 and 7", conversation_id = "c4", user = "mia" });
        await _bench.Until(asked.ThreadId, reply => reply is { Status: "completed", Message: "The result is 42." });
        await _sender.Send(Ci, "conversation.created", new { user_message = "add 1 and 1", conversation_id = "c4", user = "mia" });
        await _bench.Until(asked.ThreadId, reply => reply is { Status: "completed", Message: "The result is 2." });
        Assert.Equal(("mia", "webhook:ci"), Assert.Single(await _bench.Events(asked.ThreadId, "message_received")) is var said ? (Text(said, "by"), Text(said, "channel")) : default);
    }

    [Fact]
    [Trait("Accepts", "R.9")]
    public async Task A_yes_in_words_approves_nothing()
    {
        await _sender.Send(Ci, "conversation.created", new { user_message = "Divide 3 by 4", conversation_id = "c5" });
        var asked = await Asked("c5");
        await _sender.Send(Ci, "conversation.created", new { user_message = "yes, approve it", conversation_id = "c5", user = "mia" }, id: "yes_" + asked.ThreadId);
        Assert.Contains("Words are not taken for a decision", await _bench.Refused("yes_" + asked.ThreadId), StringComparison.Ordinal);
        Assert.Equal((asked.Version, "pending"), await _bench.Get(asked.ThreadId) is var still ? (still.Version, still.Status) : default);
    }

    [Theory]
    [InlineData("another secret")]
    [InlineData("another body")]
    [InlineData("too old")]
    [InlineData("no signature")]
    [InlineData("no id")]
    [Trait("Accepts", "F11.3")]
    public async Task What_is_not_signed_as_it_must_be_is_refused_and_nothing_is_stored(string what)
    {
        const string Body = """{"type":"conversation.created","is_test":false,"event":{"user_message":"Multiply 3 and 4"}}""";
        var id = "unsigned_" + what;
        var said = await _sender.Post(Ci, Body, what == "another secret" ? "whsec_" + Convert.ToBase64String(new byte[32]) : null, what == "too old" ? 301 : 0, id, change: request =>
        {
            switch (what)
            {
                case "another body":
                    request.Content = new StringContent(Body.Replace('4', '5'));
                    break;
                case "no signature":
                    request.Headers.Remove("webhook-signature");
                    break;
                case "no id":
                    request.Headers.Remove("webhook-id");
                    break;
            }
        });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_signature", 0L), (said.Status, said.Code, _bench.Scalar($"SELECT count(*) FROM arrivals WHERE id = '{id}'")));
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task A_test_is_acknowledged_and_dropped_and_a_repetition_starts_nothing()
    {
        Assert.Equal((HttpStatusCode.OK, "ignored"), Told(await _sender.Send(Ci, "conversation.created", new { user_message = "Multiply 2 and 4", conversation_id = "c6" }, id: "msg_test", isTest: true)));
        Assert.Equal(0L, _bench.Scalar("SELECT count(*) FROM arrivals WHERE id = 'msg_test'"));
        var same = new { user_message = "Multiply 2 and 4", conversation_id = "c7" };
        Assert.Equal(["accepted", "duplicate", "duplicate"], new[]
        {
            (await _sender.Send(Ci, "conversation.created", same, id: "msg_same")).Code, (await _sender.Send(Ci, "conversation.created", same, id: "msg_same")).Code,
            (await _sender.Send(Ci, "conversation.created", new { user_message = "Multiply 9 and 9", conversation_id = "c7" }, id: "msg_same")).Code,
        });
        await Done("c7");
        Assert.Equal((0L, 1L), (_bench.Scalar("SELECT count(*) FROM places WHERE conversation = 'c6'"), _bench.Scalar("SELECT count(*) FROM places WHERE conversation = 'c7'")));
    }

    [Theory]
    [InlineData("not json", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("null", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"shout","event":{}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"conversation.created"}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"conversation.created","event":{}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"conversation.created","event":{"user_message":"hi","agent_name":"puppet"}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"conversation.created","event":{"input":{"no":"message"}}}""", "invalid_input", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"type":"agent_slack.received","event":{"channel_id":"C1","events":[]}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"agent_slack.received","event":{"channel_id":"C1","events":[null]}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"agent_slack.received","event":{"channel_id":"C1","events":[null,{"from_user_id":"U1","content":"hi","message_ts":"1.1"}]}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"agent_email.received","event":{"from_address":"a@example.com","subject":"s","body":"b","message_id":"m1","previous_thread":[null]}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"function_call.completed","event":{"call_id":"req_00000000000000000000000000000000_3","spec":{"state":{"thread_id":"thr_00000000000000000000000000000000"}},"status":{"approved":true}}}""", "thread_not_found", HttpStatusCode.NotFound)]
    [InlineData("""{"type":"function_call.completed","event":{"call_id":"req_00000000000000000000000000000000_3","spec":{"state":{}},"status":{"approved":true}}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"type":"function_call.completed","event":{"call_id":17,"spec":{},"status":{"approved":true}}}""", "invalid_body", HttpStatusCode.BadRequest)]
    [Trait("Accepts", "R.3")]
    public async Task What_makes_no_sense_is_refused_with_the_reason_and_nothing_is_stored(string body, string code, HttpStatusCode expected)
    {
        var id = "nonsense_" + Guid.NewGuid().ToString("N");
        var said = await _sender.Post(Ci, body, id: id);
        Assert.Equal((expected, code, 0L), (said.Status, said.Code, _bench.Scalar($"SELECT count(*) FROM arrivals WHERE id = '{id}'")));
        Assert.NotEmpty(said.Message);
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task An_input_names_no_agent_that_is_none_of_its_triggers()
    {
        var several = _bench.Url("/triggers/several");
        var said = await _sender.Send(several, "conversation.created", new { input = Calls("calculator", "puppet"), conversation_id = "s1" });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "agent_not_found", "There is no agent 'puppet'. The agents are calculator, side_by_side."), (said.Status, said.Code, said.Message));
        Assert.Equal((HttpStatusCode.OK, "accepted"), Told(await _sender.Send(several, "conversation.created", new { input = Calls("calculator"), conversation_id = "s2" })));
        await _bench.Stands("several", "s2", "completed");

        static object Calls(params string[] agents) => new { calls = agents.Select(agent => new { agent, input = new { message = "multiply 3 and 4" } }) };
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task Only_what_came_in_through_a_trigger_can_be_answered_through_it()
    {
        var asked = await _bench.AskToDivide();
        var said = await _sender.Send(Ci, "function_call.completed", new { call_id = asked.RequestId, spec = new { state = new { thread_id = asked.ThreadId } }, status = new { approved = true } });
        Assert.Equal((HttpStatusCode.NotFound, "request_not_found"), Told(said));
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task Whoever_is_not_on_the_list_is_not_heard()
    {
        var listed = _bench.Url("/triggers/listed");
        Assert.Equal((HttpStatusCode.OK, "ignored"), Told(await _sender.Send(listed, "agent_slack.received", new { channel_id = "C9", events = new[] { new { from_user_id = "U0EVE", content = "multiply 1 and 2", message_ts = "1.1" } } })));
        Assert.Equal((HttpStatusCode.OK, "ignored"), Told(await _sender.Send(listed, "agent_email.received", new { from_address = "eve@people.example.evil", body = "multiply 1 and 2", message_id = "e1" })));
        Assert.Equal((HttpStatusCode.OK, "ignored"), Told(await _sender.Send(listed, "conversation.created", new { user_message = "multiply 1 and 2" })));
        Assert.Equal((HttpStatusCode.OK, "accepted"), Told(await _sender.Send(listed, "agent_email.received", new { from_address = "mia@people.example", body = "multiply 1 and 2", message_id = "e2" })));
        await Done("e2", "listed");
        Assert.Equal(1L, _bench.Scalar("SELECT count(*) FROM arrivals WHERE source = 'listed'"));
    }

    private static (HttpStatusCode, string) Told(Sender.Said said) => (said.Status, said.Code);

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private Task<Reply> Done(string conversation, string trigger = "ci") => _bench.Stands(trigger, conversation, "completed");

    private Task<Reply> Asked(string conversation) => _bench.Stands("ci", conversation, "pending");

    /// <summary>One server for all of these tests: each has conversations of its own.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public Bench Bench { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Bench = await Bench.Start(new Dictionary<string, string>()
            .With("ci", "type=webhook", "secret=" + Receiver.Secret, "agent=calculator")
            .With("several", "type=webhook", "secret=" + Receiver.Secret, "agent=side_by_side", "agents=calculator")
            .With("listed", "type=webhook", "secret=" + Receiver.Secret, "agent=calculator", "from=@people.example, U0MIA"));

        public ValueTask DisposeAsync() => Bench.DisposeAsync();
    }
}
