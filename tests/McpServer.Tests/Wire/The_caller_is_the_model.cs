using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Tests.Wire;

public sealed class The_caller_is_the_model(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "W.1")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_caller_that_chooses_each_step_brings_the_agent_to_its_end_and_the_gate_still_asks(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var step = await server.Do("puppet", new { message = "divide 3 by 4" });
        Assert.Equal("next_step", step.Kind);
        Assert.Equal("puppet waits for its next step, which you choose.", step.Sentence);
        var context = step.Request.GetProperty("context").GetString()!;
        Assert.StartsWith("You are puppet.\n\n<message_received>\nmessage: divide 3 by 4\n</message_received>\n\nWhat is the next step?", context, StringComparison.Ordinal);
        var schema = JsonText.From(step.Request.GetProperty("schema"));
        Assert.Null(JsonSchemas.Violation(schema, JsonText.Parse("""{"intent":"divide","a":3,"b":4}""")));
        Assert.NotNull(JsonSchemas.Violation(schema, JsonText.Parse("""{"intent":"promote","a":3,"b":4}""")));

        var gate = await Answer(server, step, new { intent = "divide", a = 3, b = 4 });
        Assert.Equal("approval", gate.Kind);
        var second = await server.Do("resume_thread", new { thread_id = gate.ThreadId, request_id = gate.RequestId, approved = true });
        Assert.Contains("<divide_result>\n0.75\n</divide_result>", second.Request.GetProperty("context").GetString()!, StringComparison.Ordinal);
        var done = await Answer(server, second, "{\"intent\": \"done_for_now\", \"message\": \"It is 0.75.\"}");

        Assert.Equal("It is 0.75.", done.Message);
    }

    [Theory]
    [Trait("Accepts", "F1.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_malformed_step_is_refused_with_what_is_wrong_and_stays_asked_for(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var step = await server.Do("puppet", new { message = "go" });
        var stays = $$"""The request {{step.RequestId}} stays open: call resume_thread again with a response such as {"intent":"add","a":1,"b":1}""";
        object[] malformed = ["let me think", new { intent = "promote" }, new { intent = "divide", a = 3 }, new { a = 3 },
            "{\"intent\":\"add\",\"a\":1,\"b\":2} {\"intent\":\"add\",\"a\":1,\"b\":2}"];

        var refusals = new List<string>();
        foreach (var response in malformed)
        {
            refusals.Add(await server.Refusal("resume_thread", new { thread_id = step.ThreadId, request_id = step.RequestId, response }));
        }

        const string Intents = "add, subtract, multiply, divide, request_human_input, await, nothing_to_do, done_for_now";
        Assert.Equal(
            [
                $"invalid_response: That is not a next step of puppet. The reply is not a step. Reply with one JSON object that has an intent. {stays}",
                $"invalid_response: That is not a next step of puppet. There is no intent 'promote'. Choose one of {Intents}. {stays}",
                $"invalid_response: That is not a next step of puppet. divide: 'b' is required. {stays}",
                $"invalid_response: That is not a next step of puppet. The reply has no intent. Choose one of {Intents}. {stays}",
                $"invalid_response: That is not a next step of puppet. The reply holds 2 steps. Reply with exactly one; the others can follow later. {stays}",
            ], refusals);
        Assert.Equal(step.Version, (await server.Do("get_thread", new { thread_id = step.ThreadId })).Version);
    }

    // Every line of it is what a model that knows nothing of this server reads and does.
    [Theory]
    [Trait("Accepts", "W.3")]
    [Trait("Accepts", "F8.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Without_any_key_a_model_is_led_through_mistakes_a_gate_and_a_rejection_to_the_end(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var step = await server.Do("puppet", new { message = "divide 3 by 4" });
        Assert.Equal($"Read the request's context, choose the next step yourself, and call resume_thread with thread_id \"{step.ThreadId}\", request_id \"{step.RequestId}\" and response holding the step: "
            + "one JSON object that fits the request's schema. Do not answer for the person where a step asks one.", step.Next);
        Assert.EndsWith("""

            To answer, call resume_thread with the step as response, such as {"intent":"add","a":1,"b":1}
            Give one step. What comes of it is in the next request. Where a step needs a person's approval it is chosen here all the same, and asked about afterwards.
            """.ReplaceLineEndings("\n"), step.Request.GetProperty("context").GetString(), StringComparison.Ordinal);

        // A yes before anything was chosen, and a slip in the name.
        Assert.Equal($"wrong_answer: Nothing waits for approval here, and nothing was approved: this asks for the next step. What is awaited is {step.RequestId} (next_step): "
            + "\"You are the model of puppet: choose its next step.\" Answer it with response holding the next step.",
            await server.Refusal("resume_thread", new { thread_id = step.ThreadId, request_id = step.RequestId, approved = true }));
        Assert.Contains("There is no intent 'devide'. Did you mean 'divide'?", await server.Refusal("resume_thread", new { thread_id = step.ThreadId, response = new { intent = "devide", a = 3, b = 4 } }), StringComparison.Ordinal);

        // The step as a tool call, and then the step again where a person is asked.
        var gate = await Answer(server, step, new { tool = "divide", arguments = new { a = 3, b = 4 } });
        Assert.Equal(("approval", "{\"a\":3,\"b\":4}"), (gate.Kind, gate.Request.GetProperty("action").GetProperty("arguments").GetRawText()));
        Assert.StartsWith("wrong_answer: That is a step, and none is asked for now: this waits for a person's yes or no to the action that is shown. ",
            await server.Refusal("resume_thread", new { thread_id = gate.ThreadId, request_id = gate.RequestId, response = new { intent = "divide", a = 3, b = 4 } }), StringComparison.Ordinal);

        var second = await server.Do("resume_thread", new { thread_id = gate.ThreadId, request_id = gate.RequestId, approved = false, comment = "use 5" });
        Assert.Contains("<human_response>\napproved: false\nresponse: \"divide denied: use 5\"\nuser: local\n</human_response>", second.Request.GetProperty("context").GetString()!, StringComparison.Ordinal);
        var again = await Answer(server, second, "```json\n{\"intent\":\"divide\",\"a\":3,\"b\":5}\n```");
        var third = await server.Do("resume_thread", new { thread_id = again.ThreadId, request_id = again.RequestId, approved = true });
        var done = await Answer(server, third, new { intent = "done_for_now", message = "It is 0.6." });

        Assert.Equal(("It is 0.6.", "caller"), (done.Message, done.Json.GetProperty("model").GetString()));
        Assert.StartsWith("Nothing is left to do.", done.Next, StringComparison.Ordinal);
    }

    private static Task<Reply> Answer(RunningServer server, Reply pending, object response) =>
        server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, response });
}
