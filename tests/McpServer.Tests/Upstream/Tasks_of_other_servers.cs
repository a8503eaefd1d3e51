using AgentMcp.Server.Tests.Running;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Upstream;

public sealed class Tasks_of_other_servers
{
    [Fact]
    [Trait("Accepts", "F6.9")]
    public async Task A_task_is_followed_through_a_restart_and_what_it_asks_is_asked_here()
    {
        await using var kiln = new Kiln();
        using var office = Potters(kiln);
        string thread;
        await using (var server = await office.Start())
        {
            var waits = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "child");
            Assert.Equal(("child", "Waits for kiln.fire."), (waits.Kind, waits.Request.GetProperty("question").GetString()));
            thread = waits.ThreadId;
            await server.Kill();
        }

        await using var next = await office.Start();
        kiln.IsHot = true;
        var asked = await Until(next, thread, reply => reply.Kind == "question");
        Assert.Equal("Which glaze?", asked.Request.GetProperty("question").GetString());
        await next.Do("resume_thread", new { thread_id = thread, response = new { glaze = "celadon" } });
        await Until(next, thread, reply => reply.Kind == "next_step");

        Assert.Equal("\"fired in celadon\"", (await next.Last(thread, "tool_returned")).GetProperty("result").GetRawText());
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Cancelling_the_thread_cancels_the_task()
    {
        await using var kiln = new Kiln();
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var waits = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "child");

        await server.Do("cancel_thread", new { thread_id = waits.ThreadId });

        while (!kiln.IsCancelled)
        {
            await server.Do("wait_thread", new { thread_id = waits.ThreadId, wait_seconds = 0.1 });
        }
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task A_cancellation_that_is_refused_for_the_moment_is_said_again()
    {
        await using var kiln = new Kiln();
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var waits = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "child");

        kiln.Troubles = 3;
        await server.Do("cancel_thread", new { thread_id = waits.ThreadId });

        while (!kiln.IsCancelled)
        {
            await server.Do("wait_thread", new { thread_id = waits.ThreadId, wait_seconds = 0.1 });
        }
    }

    [Fact]
    public async Task Looks_that_are_refused_for_the_moment_lose_no_task_and_no_question()
    {
        await using var kiln = new Kiln { IsHot = true };
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var asked = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "question");

        kiln.Troubles = 3;
        while (kiln.Troubles > 0)
        {
            await server.Do("get_thread", new { thread_id = asked.ThreadId });
        }

        Assert.Equal((asked.RequestId, asked.Version), ((await server.Do("get_thread", new { thread_id = asked.ThreadId })).RequestId, (await server.Do("get_thread", new { thread_id = asked.ThreadId })).Version));
        await server.Do("resume_thread", new { thread_id = asked.ThreadId, response = new { glaze = "celadon" } });
        await Until(server, asked.ThreadId, reply => reply.Kind == "next_step");
        Assert.Equal(("\"fired in celadon\"", 1), ((await server.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText(), kiln.Fired));
    }

    [Theory]
    [InlineData("tasks/update")]
    [InlineData("tasks/get")]
    public async Task An_answer_that_is_refused_for_the_moment_is_given_again(string method)
    {
        await using var kiln = new Kiln { IsHot = true, Troubled = method };
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var asked = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "question");

        kiln.Troubles = 3;
        await server.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, response = new { glaze = "celadon" } });
        await Until(server, asked.ThreadId, reply => reply.Kind is "next_step" or "in_doubt");

        Assert.Equal(("\"fired in celadon\"", 1), ((await server.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText(), kiln.Fired));
        Assert.DoesNotContain(await server.Events(asked.ThreadId), happened => happened.GetProperty("type").GetString() == "tool_failed");
    }

    [Fact]
    public async Task A_refusal_of_the_moment_fails_no_call_that_only_reads()
    {
        await using var kiln = new Kiln { IsHot = true, Troubled = "tasks/get" };
        using var office = Potters(kiln, "effects: { kiln.fire: read_only }");
        await using var server = await office.Start();
        var asked = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "question");

        kiln.Troubles = 3;
        await server.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, response = new { glaze = "celadon" } });
        await Until(server, asked.ThreadId, reply => reply.Kind == "next_step");

        Assert.Equal(("\"fired in celadon\"", 1), ((await server.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText(), kiln.Fired));
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_call_that_is_to_run_again_goes_on_with_a_task_that_is_still_there()
    {
        await using var kiln = new Kiln();
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var waits = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "child");
        kiln.Forget();
        await Until(server, waits.ThreadId, reply => reply.Kind == "in_doubt");

        kiln.Remember();
        (kiln.IsHot, kiln.Troubles) = (true, 1);
        await server.Do("resume_thread", new { thread_id = waits.ThreadId, response = "run_again", wait_seconds = 0 });

        Assert.Equal(("question", 1), ((await Until(server, waits.ThreadId, reply => reply.Kind == "question")).Kind, kiln.Fired));
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_task_that_is_gone_leaves_a_doubt_and_begins_anew_only_when_a_person_says_so()
    {
        await using var kiln = new Kiln();
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var waits = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "child");

        kiln.Forget();
        var doubt = await Until(server, waits.ThreadId, reply => reply.Kind == "in_doubt");
        Assert.Equal(("The server took the call as a task and cannot say what became of it: Request failed (remote): there is no task t1", 1),
            (doubt.Request.GetProperty("context").GetString()!.Split('\n')[0], kiln.Fired));

        await server.Do("resume_thread", new { thread_id = waits.ThreadId, response = "run_again", wait_seconds = 0 });
        Assert.Equal(("child", 2), ((await Until(server, waits.ThreadId, reply => reply.Kind == "child")).Kind, kiln.Fired));
    }

    [Fact]
    public async Task A_task_that_is_gone_fails_a_call_that_only_reads()
    {
        await using var kiln = new Kiln();
        using var office = Potters(kiln, "effects: { kiln.fire: read_only }");
        await using var server = await office.Start();
        var waits = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "child");

        kiln.Forget();
        await Until(server, waits.ThreadId, reply => reply.Kind == "next_step");

        Assert.Equal("Request failed (remote): there is no task t1", (await server.Last(waits.ThreadId, "tool_failed")).GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_answer_to_a_task_that_is_gone_leaves_a_doubt()
    {
        await using var kiln = new Kiln { IsHot = true };
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var asked = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "question");

        // It is noticed by whoever comes first: the look that is due, or the answer.
        kiln.Forget();
        await server.Call("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, response = new { glaze = "celadon" } });

        Assert.Equal("in_doubt", (await Until(server, asked.ThreadId, reply => reply.Kind == "in_doubt")).Kind);
    }

    [Fact]
    public async Task An_answer_to_a_task_of_a_server_that_is_away_leaves_a_doubt()
    {
        await using var kiln = new Kiln { IsHot = true };
        using var office = Potters(kiln);
        Reply asked;
        await using (var server = await office.Start())
        {
            asked = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "question");
            await server.Kill();
        }

        await kiln.DisposeAsync();
        await using var next = await office.Start();
        await next.Do("resume_thread", new { thread_id = asked.ThreadId, response = new { glaze = "celadon" } });

        Assert.StartsWith("The server took the call as a task and cannot say what became of it: the MCP server 'kiln' cannot be reached",
            (await next.Last((await Until(next, asked.ThreadId, reply => reply.Kind == "in_doubt")).ThreadId, "request_opened")).GetProperty("context").GetString());
    }

    [Fact]
    public async Task A_cancelled_thread_whose_task_is_gone_has_nothing_left_to_end()
    {
        await using var kiln = new Kiln();
        using var office = Potters(kiln);
        await using var server = await office.Start();
        var waits = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, reply => reply.Kind == "child");
        using var database = new SqliteConnection($"Data Source={office.Database}");
        database.Open();
        using var relays = database.CreateCommand();
        relays.CommandText = "SELECT count(*) FROM relays";
        Assert.Equal(1L, relays.ExecuteScalar());

        kiln.Forget();
        await server.Do("cancel_thread", new { thread_id = waits.ThreadId });

        while (relays.ExecuteScalar() is not 0L)
        {
            await server.Do("wait_thread", new { thread_id = waits.ThreadId, wait_seconds = 0.1 });
        }
    }

    private static Office Potters(Kiln kiln, string more = "") =>
        new Office().With("kiln", new { url = kiln.Url }).Agent("potter", $"tools: [kiln.fire]\ngates: {{ kiln.fire: none }}\n{more}");

    private static async Task<Reply> Until(RunningServer server, string thread, Func<Reply, bool> enough)
    {
        var reply = await server.Do("get_thread", new { thread_id = thread });
        // With a next step the call is over, whatever came of it.
        while (reply.Status == "running" || (reply.Status == "pending" && !enough(reply) && reply.Kind != "next_step"))
        {
            reply = await server.Do("wait_thread", new { thread_id = thread, wait_seconds = 0.3 });
        }

        return reply;
    }
}
