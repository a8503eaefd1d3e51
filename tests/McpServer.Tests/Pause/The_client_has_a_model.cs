using System.Collections.Concurrent;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

// MCP9005: sampling is going away from the protocol one day; clients of today have it.
#pragma warning disable MCP9005

namespace AgentMcp.Server.Tests.Pause;

/// <summary>A client that offers its model: an agent whose model is sampling is played by it, within the call.</summary>
public sealed class The_client_has_a_model : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ConcurrentQueue<CreateMessageRequestParams> _asked = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait("Accepts", "W.6")]
    [Trait("Accepts", "F1.1")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task It_chooses_every_step_of_one_call_and_the_log_says_so(Transport transport, string protocol)
    {
        await using var server = await Start(transport, protocol, Say("""{"intent":"add","a":3,"b":4}"""), Say("```json\n{\"intent\":\"done_for_now\",\"message\":\"It is 7.\"}\n```"));

        var done = await server.Do("calculator", new { message = "add 3 and 4" });

        Assert.Equal(("completed", "It is 7.", "sampling:test-model"), (done.Status, done.Message, done.Json.GetProperty("model").GetString()));
        Assert.StartsWith("You are calculator. ", _asked.First().SystemPrompt, StringComparison.Ordinal);
        Assert.StartsWith("<message_received>\nmessage: add 3 and 4\n</message_received>\n\nWhat is the next step?", Prompt(0), StringComparison.Ordinal);
        Assert.Contains("<add_result>\n7\n</add_result>", Prompt(1), StringComparison.Ordinal);
        var log = await server.Do("get_thread", new { thread_id = done.ThreadId, include_events = true });
        Assert.Equal(
            ["local sampling test-model", "local sampling test-model"],
            log.Json.GetProperty("events").EnumerateArray().Where(e => e.GetProperty("type").GetString() == "request_answered")
                .Select(e => $"{e.GetProperty("by").GetString()} {e.GetProperty("channel").GetString()} {e.GetProperty("comment").GetString()}"));
    }

    [Theory]
    [Trait("Accepts", "F1.3")]
    [Trait("Accepts", "F9.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task What_is_no_step_is_told_to_it_and_after_three_a_person_is_asked(Transport transport, string protocol)
    {
        await using var server = await Start(transport, protocol, Say("let me think"), Say("""{"intent":"fly"}"""), Say("""{"intent":"add","a":3}"""), Say("never asked for"));

        var asked = await server.Do("calculator", new { message = "add 3 and 4" });

        Assert.Equal(("question", 3), (asked.Kind, _asked.Count));
        Assert.StartsWith("calculator failed 3 times in a row.", asked.Request.GetProperty("question").GetString(), StringComparison.Ordinal);
        Assert.Contains("<error>\nThe step was rejected: The reply is not a step.", Prompt(1), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "F8.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_gate_is_not_opened_by_it(Transport transport, string protocol)
    {
        await using var server = await Start(transport, protocol, Say("""{"intent":"divide","a":3,"b":4}"""), Say("approved"));

        var gate = await server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal(("approval", 1), (gate.Kind, _asked.Count));
    }

    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_client_that_gives_no_step_gets_the_plain_result_and_the_caller_can_choose(Transport transport, string protocol)
    {
        await using var server = await Start(transport, protocol, _ => throw new InvalidOperationException("the user said no"));

        var step = await Plain(server);
        Assert.Equal("next_step", step.Kind);
        var done = await server.Do("resume_thread", new { thread_id = step.ThreadId, request_id = step.RequestId, response = new { intent = "done_for_now", message = "I did it." } });
        Assert.Equal(("I did it.", "caller"), (done.Message, done.Json.GetProperty("model").GetString()));
    }

    [Theory]
    [Trait("Accepts", "W.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_call_that_does_not_wait_asks_for_nothing_and_one_that_waits_goes_on(Transport transport, string protocol)
    {
        await using var server = await Start(transport, protocol, Say("""{"intent":"done_for_now","message":"Hello."}"""));

        var step = await server.Do("calculator", new { message = "hello", wait_seconds = 0 });
        Assert.Empty(_asked);
        var done = await server.Do("wait_thread", new { thread_id = step.ThreadId });

        Assert.Equal(("Hello.", 1), (done.Message, _asked.Count));
    }

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_client_without_one_is_the_caller()
    {
        await using var server = await RunningServer.Start(Transport.Stdio, _folder.Database, Ways.Sessions, new Dictionary<string, string> { ["model"] = "sampling" });

        var step = await server.Do("calculator", new { message = "hello" });

        Assert.Equal("next_step", step.Kind);
    }

    private static Func<CreateMessageRequestParams, CreateMessageResult> Say(string text) => _ => new()
    {
        Role = Role.Assistant,
        Model = "test-model",
        Content = [new TextContentBlock { Text = text }],
        StopReason = "endTurn",
    };

    // In a session the refusal reaches the server; where the call is made again, the client gives the call up instead.
    private static async Task<Reply> Plain(RunningServer server)
    {
        try
        {
            return await server.Do("calculator", new { message = "hello" });
        }
        catch (Exception e) when (e is InvalidOperationException or ModelContextProtocol.McpException)
        {
            var waiting = await server.Ask("list_threads", new { agent = "calculator", kind = "next_step" });
            return await server.Do("get_thread", new { thread_id = waiting.GetProperty("threads")[0].GetProperty("thread_id").GetString() });
        }
    }

    private string Prompt(int turn) => Assert.IsType<TextContentBlock>(Assert.Single(Assert.Single(_asked.ElementAt(turn).Messages).Content)).Text;

    private async Task<RunningServer> Start(Transport transport, string protocol, params Func<CreateMessageRequestParams, CreateMessageResult>[] says)
    {
        var left = new ConcurrentQueue<Func<CreateMessageRequestParams, CreateMessageResult>>(says);
        var options = new McpClientOptions
        {
            Handlers = new()
            {
                SamplingHandler = (asked, _, _) =>
                {
                    _asked.Enqueue(asked!);
                    return left.TryDequeue(out var say) ? ValueTask.FromResult(say(asked!)) : throw new InvalidOperationException("Asked too often.");
                },
            },
        };
        return await RunningServer.Start(transport, _folder.Database, protocol, new Dictionary<string, string> { ["model"] = "sampling" }, options);
    }
}
