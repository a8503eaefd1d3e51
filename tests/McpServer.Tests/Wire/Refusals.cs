using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Wire;

/// <summary>Whatever is wrong with a call, the caller is told what is expected, and the thread is as it was.</summary>
public sealed class Refusals(SharedServers servers)
{
    private const string Nowhere = "thr_00000000000000000000000000000000";

    [Theory]
    [Trait("Accepts", "F6.2")]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "X.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task An_unknown_thread_is_named_by_every_tool_that_takes_one(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        const string Expected = $"thread_not_found: There is no thread {Nowhere}. Call list_threads to see which there are.";

        foreach (var tool in new[] { "get_thread", "wait_thread", "cancel_thread" })
        {
            Assert.Equal(Expected, await server.Refusal(tool, new { thread_id = Nowhere }));
        }

        Assert.Equal(Expected, await server.Refusal("resume_thread", new { thread_id = Nowhere, approved = true }));
        Assert.Equal(Expected, await server.Refusal("fork_thread", new { thread_id = Nowhere, at_version = 1 }));
        Assert.Equal("thread_not_found: 'the first one' is not a thread id. One looks like thr_0198c0a1... and is in the result of the call that started it; list_threads shows them all.",
            await server.Refusal("get_thread", new { thread_id = "the first one" }));
    }

    [Theory]
    [Trait("Accepts", "F6.5")]
    [Trait("Accepts", "R.2")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task An_answer_that_does_not_fit_is_told_what_is_awaited_and_changes_nothing(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var other = await server.Do("calculator", new { message = "hello" });
        var (id, request) = (pending.ThreadId, pending.RequestId);
        var awaited = $"What is awaited is {request} (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment.";

        Assert.Equal($"wrong_answer: That is not an answer to this request. {awaited}",
            await server.Refusal("resume_thread", new { thread_id = id, response = "yes" }));
        Assert.Equal($"wrong_answer: That is not an answer to this request. {awaited}",
            await server.Refusal("resume_thread", new { thread_id = id, request_id = request }));
        Assert.Equal($"request_not_found: There is no open request {request}9 in this thread. {awaited}",
            await server.Refusal("resume_thread", new { thread_id = id, request_id = request + "9", approved = true }));
        Assert.Equal($"request_not_found: '{other.RequestId}' is not a request of {id}. Call get_thread: the ids of its open requests are under requests.",
            await server.Refusal("resume_thread", new { thread_id = id, request_id = other.RequestId, approved = true }));
        Assert.StartsWith("wrong_answer: That is not an answer to this request. What is awaited is",
            await server.Refusal("resume_thread", new { thread_id = other.ThreadId, approved = true }), StringComparison.Ordinal);
        Assert.Equal(3, (await server.Do("get_thread", new { thread_id = id })).Version);
        Assert.Equal(3, (await server.Do("get_thread", new { thread_id = other.ThreadId })).Version);
    }

    [Theory]
    [Trait("Accepts", "A2H.8")]
    [Trait("Accepts", "F6.5")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_response_that_misses_its_schema_is_told_the_schema_and_the_request_stays_open(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var start = await server.Do("puppet", new { message = "go" });
        var asked = await server.Do("resume_thread", new
        {
            thread_id = start.ThreadId,
            response = new { intent = "request_human_input", question = "Which?", options = new { format = "multiple_choice", choices = new[] { "red", "blue" } } },
        });

        Assert.Equal(
            $$"""invalid_response: The response does not fit: 'value' must be one of "red", "blue". It must match this JSON Schema: {"type":"string","enum":["red","blue"]}. The request stays open. What is awaited is {{asked.RequestId}} (question): "Which?" Answer it with a response.""",
            await server.Refusal("resume_thread", new { thread_id = start.ThreadId, response = "green" }));
        Assert.Equal(asked.RequestId, (await server.Do("get_thread", new { thread_id = start.ThreadId })).RequestId);
    }

    [Theory]
    [Trait("Accepts", "F6.5")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task An_answer_to_a_thread_that_asks_nothing_is_refused(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();
        var running = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        var done = await server.Do("calculator", new { message = "multiply 3 and 4" });

        Assert.Equal("nothing_pending: The thread is running and asks nothing. Call wait_thread to wait for its next request or its result.",
            await server.Refusal("resume_thread", new { thread_id = running.ThreadId, approved = true }));
        Assert.Equal("nothing_pending: The thread is completed and nothing awaits approval. To go on with it, call resume_thread with a response; it becomes the next message.",
            await server.Refusal("resume_thread", new { thread_id = done.ThreadId, approved = true }));
        held.Finish();
    }

    [Theory]
    [Trait("Accepts", "X.3")]
    [Trait("Accepts", "P.5")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Arguments_that_do_not_fit_are_told_the_schema(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.StartsWith("invalid_input: The arguments of calculator do not fit: 'message' is required. They must match this JSON Schema: {",
            await server.Refusal("calculator", new { }), StringComparison.Ordinal);
        Assert.StartsWith("invalid_input: The arguments of calculator do not fit: 'wait_seconds': number too small. ",
            await server.Refusal("calculator", new { message = "hi", wait_seconds = -1 }), StringComparison.Ordinal);
        Assert.StartsWith("invalid_input: The arguments of resume_thread do not fit: 'arguments' is not a known property. ",
            await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, approved = true, arguments = new { a = 3, b = 1 } }), StringComparison.Ordinal);
        Assert.StartsWith("invalid_input: The input does not fit calculator: 'mesage' is not a known property",
            await server.Refusal("invoke_agent", new { agent = "calculator", input = new { message = "hi", mesage = "hi" } }), StringComparison.Ordinal);
        Assert.Equal("agent_not_found: There is no agent 'calculater'; did you mean 'calculator'? The agents are brief, calculator, careful, deploybot, guarded, listed, pipeline, puppet, rollback, slow.",
            await server.Refusal("invoke_agent", new { agent = "calculater", input = new { message = "hi" } }));
        Assert.Equal(pending.Version, (await server.Do("get_thread", new { thread_id = pending.ThreadId })).Version);
    }

    [Theory]
    [Trait("Accepts", "X.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Too_much_input_is_refused_with_the_limit(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var much = new string('x', 300_000);
        var pending = await server.Do("calculator", new { message = "hello" });

        Assert.Equal("too_large: The input has 300014 characters; at most 262144 are taken. Send a shorter one, or a path or link to it.",
            await server.Refusal("calculator", new { message = much }));
        Assert.Equal("too_large: The response has 300002 characters; at most 262144 are taken. Send a shorter one, or a path or link to it.",
            await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, response = much }));
    }

    [Theory]
    [Trait("Accepts", "R.13")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task An_unknown_tool_is_answered_with_the_names_of_those_there_are(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);

        var error = await Assert.ThrowsAsync<McpProtocolException>(async () => await server.Call("calculater", new { message = "hi" }));

        Assert.Equal(McpErrorCode.InvalidParams, error.ErrorCode);
        Assert.EndsWith("There is no tool 'calculater'. The tools are brief, calculator, cancel_thread, careful, deploybot, fork_thread, get_thread, guarded, invoke_agent, list_agents, list_threads, listed, pipeline, puppet, resume_thread, rollback, slow, wait_thread.",
            error.Message, StringComparison.Ordinal);
    }
}
