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
        var stays = $"The request {step.RequestId} stays open: call resume_thread again with a response that fits its schema.";
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

    private static Task<Reply> Answer(RunningServer server, Reply pending, object response) =>
        server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, response });
}
