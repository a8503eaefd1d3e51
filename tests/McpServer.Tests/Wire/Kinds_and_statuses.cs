using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Wire;

/// <summary>Each status and each kind once over the wire; <see cref="Reply"/> checks every one against the published schema.</summary>
public sealed class Kinds_and_statuses(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "W.1")]
    [Trait("Accepts", "W.2")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task All_five_statuses_have_the_published_shape(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();

        var running = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        var completed = await server.Do("calculator", new { message = "multiply 3 and 4" });
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var cancelled = await server.Do("cancel_thread", new { thread_id = pending.ThreadId, reason = "no longer needed" });
        var tired = await server.Do("brief", new { message = "go" });
        tired = await Answer(server, tired, new { intent = "add", a = 1, b = 2 });
        var failed = await server.Do("resume_thread", new { thread_id = tired.ThreadId, approved = false });
        held.Finish();

        Assert.Equal(["running", "completed", "pending", "cancelled", "failed"],
            new[] { running, completed, pending, cancelled, failed }.Select(reply => reply.Status));
        Assert.Equal("slow is still working.", running.Sentence);
        Assert.Equal("calculator (built-in rules, no model) is done. The result is 12.", completed.Sentence);
        Assert.Equal("calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 4?", pending.Sentence);
        Assert.Equal("calculator (built-in rules, no model) was cancelled: no longer needed", cancelled.Sentence);
        Assert.Equal("Stopped at a limit: brief has taken 1 steps and is not done. May it take 1 more? local declined to extend it.", failed.Error);
    }

    [Theory]
    [Trait("Accepts", "W.1")]
    [Trait("Accepts", "W.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Every_kind_of_request_has_the_published_shape_and_says_how_it_is_answered(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        object[] steps =
        [
            new { intent = "request_human_input", question = "Which?", options = new { format = "multiple_choice", choices = new[] { "red", "blue" } } },
            new { intent = "await", seconds = 600 },
            new { intent = "multiply", a = 3, b = 4 },
            new { intent = "divide", a = 3, b = 4 },
        ];
        var seen = new List<Reply> { await server.Do("puppet", new { message = "go" }) };
        foreach (var step in steps)
        {
            seen.Add(await Answer(server, await server.Do("puppet", new { message = "go" }), step));
        }

        seen.Add(await Answer(server, await server.Do("brief", new { message = "go" }), new { intent = "add", a = 1, b = 2 }));
        foreach (var kind in new[] { RequestKind.InDoubt, RequestKind.Child })
        {
            seen.Add(await server.Do("get_thread", new { thread_id = await Store(servers.DatabaseOf(transport, protocol), kind) }));
        }

        Assert.Equal(["next_step", "question", "sleep", "external_result", "approval", "budget", "in_doubt", "child"], seen.Select(reply => reply.Kind));
        Assert.Equal(
            [
                $"Read the request's context, choose the next step yourself, and {Call(seen[0])} response holding the step: one JSON object that fits the request's schema. Do not answer for the person where a step asks one.",
                $"Ask the user. Then {Call(seen[1])} response, one of: red, blue.",
                $"It goes on by itself. Call wait_thread with thread_id \"{seen[2].ThreadId}\" to wait for it.",
                $"When the result is there, {Call(seen[3])} response holding it.",
                $"Ask the user. Then {Call(seen[4])} approved true or false (comment optional).",
                $"Ask the user. Then {Call(seen[5])} approved true or false, or a response with guidance.",
                $"Ask the user what became of it. Then {Call(seen[6])} response {{\"outcome\": \"done\", \"result\": ...}}, {{\"outcome\": \"run_again\"}} or {{\"outcome\": \"skip\"}}.",
                $"Call wait_thread with thread_id \"{seen[7].ThreadId}\" to wait for what comes next.",
            ],
            seen.Select(reply => reply.Next));
    }

    [Fact]
    [Trait("Accepts", "P.5")]
    public async Task An_approval_shows_the_one_action_it_is_for()
    {
        var server = await servers.Of(Transport.Stdio, Ways.Newest);

        var asked = (await server.Do("calculator", new { message = "divide 3 by 4" })).Request;

        var digest = asked.GetProperty("action").GetProperty("digest").GetString()!;
        Assert.Matches("^sha256:[0-9a-f]{64}$", digest);
        Assert.Equal($$"""{"tool":"divide","arguments":{"a":3,"b":4},"digest":"{{digest}}"}""", asked.GetProperty("action").GetRawText());
        Assert.Equal("caller", asked.GetProperty("answerable_by").GetString());
    }

    private static Task<Reply> Answer(RunningServer server, Reply pending, object response) =>
        server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, response });

    private static string Call(Reply reply) => $"call resume_thread with thread_id \"{reply.ThreadId}\", request_id \"{reply.RequestId}\" and";

    // These two need a crash or a parent to come about; here only how they are shown matters.
    private static async Task<string> Store(string path, RequestKind kind)
    {
        var database = Database.Open(path);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var now = DateTimeOffset.UtcNow;
        var id = ThreadId.New(now);
        var started = new ThreadStarted(now, "calculator", "sha256:none", JsonText.Parse("""{"message":"add 1 and 2"}"""), "local", "stdio", "message_received");
        await store.Start(id, started, null, takeLease: false);
        await store.Append(ThreadLog.Of(id, [started]),
        [
            new StepChosen(now, "add", JsonText.Parse("""{"a":1,"b":2}"""), "rules"),
            new ToolStarted(now, new CallId(2), 1),
            kind == RequestKind.Child
                ? new RequestOpened(now, kind, "Waits for another thread.")
                : new RequestOpened(now, kind, "What became of it?", null, InDoubtAnswer.Schema, InDoubtAnswer.Options),
        ]);
        return id.Value;
    }
}
