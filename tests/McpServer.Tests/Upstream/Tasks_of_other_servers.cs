using AgentMcp.Server.Tests.Running;

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

    private static Office Potters(Kiln kiln) => new Office().With("kiln", new { url = kiln.Url }).Agent("potter", "tools: [kiln.fire]\ngates: { kiln.fire: none }");

    private static async Task<Reply> Until(RunningServer server, string thread, Func<Reply, bool> enough)
    {
        var reply = await server.Do("get_thread", new { thread_id = thread });
        while (reply.Status == "running" || (reply.Status == "pending" && !enough(reply)))
        {
            reply = await server.Do("wait_thread", new { thread_id = thread, wait_seconds = 0.3 });
        }

        return reply;
    }
}
