using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The tool does no harm twice, so nobody is asked what to do; its task lives on, and gets what was said to it.</summary>
public sealed class Answers_to_a_task_of_a_server_that_is_away
{
    private const string Nothing = """ "result":{} """;

    [Theory]
    [InlineData("read_only", "tasks/update", 429, 1)]
    [InlineData("idempotent", "tasks/update", 401, 1)]
    // A call is started three times.
    [InlineData("read_only", "tasks/update", 503, 3)]
    [Trait("Accepts", "F6.9")]
    public async Task Are_given_again_where_a_request_was_turned_away_or_lost(string effect, string method, int status, int times)
    {
        await using var kiln = new Kiln { IsHot = true };
        await using var line = new LateLine(new(kiln.Url), word: null);
        using var office = Potters(line, effect);
        await using var server = await office.Start();
        var asked = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, "question");

        for (var time = 0; time < times; time++)
        {
            line.Refuse($"\"{method}\"", Nothing, status);
        }

        await server.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, response = new { glaze = "celadon" }, wait_seconds = 0 });

        await FiredOnce(server, kiln, asked.ThreadId);
        Assert.Equal(0, line.Refusals);
    }

    [Fact]
    [Trait("Accepts", "F6.9")]
    [Trait("Accepts", "D.5")]
    public async Task Are_kept_while_nobody_listens_there()
    {
        await using var kiln = new Kiln { IsHot = true };
        var line = new LateLine(new(kiln.Url), word: null);
        using var office = Potters(line, "read_only");
        Reply asked;
        await using (var server = await office.Start())
        {
            asked = await Until(server, (await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0)).ThreadId, "question");
            await server.Kill();
        }

        var port = new Uri(line.Url).Port;
        await line.DisposeAsync();
        await using var next = await office.Start();
        await next.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, response = new { glaze = "celadon" } });
        var waits = await Until(next, asked.ThreadId, "child");
        Assert.StartsWith("Waits for kiln.fire: the MCP server 'kiln' cannot be reached", waits.Request.GetProperty("question").GetString());

        await using var again = new LateLine(new(kiln.Url), word: null, port);
        await FiredOnce(next, kiln, asked.ThreadId);
    }

    private static Office Potters(LateLine line, string effect) =>
        new Office().With("kiln", new { url = line.Url }).Agent("potter", $"tools: [kiln.fire]\ngates: {{ kiln.fire: none }}\neffects: {{ kiln.fire: {effect} }}");

    private static async Task FiredOnce(RunningServer server, Kiln kiln, string thread)
    {
        Assert.Equal("next_step", (await Until(server, thread, "next_step")).Kind);
        Assert.DoesNotContain(await server.Events(thread), happened => happened.GetProperty("type").GetString() == "tool_failed");
        Assert.Equal(("fired in celadon", 1), ((await server.Last(thread, "tool_returned")).GetProperty("result").GetString(), kiln.Fired));
    }

    private static async Task<Reply> Until(RunningServer server, string thread, string kind)
    {
        var reply = await server.Do("get_thread", new { thread_id = thread });
        // With a next step the call is over, whatever came of it.
        while (reply.Status == "running" || (reply.Status == "pending" && reply.Kind != kind && reply.Kind != "next_step"))
        {
            reply = await server.Do("wait_thread", new { thread_id = thread, wait_seconds = 0.3 });
        }

        return reply;
    }
}
