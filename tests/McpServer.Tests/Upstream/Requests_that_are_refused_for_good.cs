using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The other server does not take a request as it is: the same again would be refused again.</summary>
public sealed class Requests_that_are_refused_for_good
{
    private const string Start = "\"agentmcp:thr_";
    private const string Invalid = """ "error":{"code":-32600,"message":"it is too long"} """;
    private const string InvalidParameters = """ "error":{"code":-32602,"message":"it is too long"} """;
    private const string Nothing = """ "result":{} """;
    private const string TooLong = "Request failed (remote): it is too long";
    private const string NotSoLarge = "does not take so large a request: Response status code does not indicate success: 413";

    [Theory]
    [InlineData(200, Invalid, TooLong)]
    [InlineData(413, Nothing, $"the MCP server 'far' {NotSoLarge}")]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "D.6")]
    public async Task What_was_answered_is_asked_again_and_handed_over_once(int status, string said, string why)
    {
        await using var pair = await Pair.Start(http: true, line: true);
        var asked = await pair.Call();

        pair.Line.Refuse("\"resume_thread\"", said, status);
        var again = await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));

        Assert.Equal(("approval", 0), (again.Kind, pair.Line.Refusals));
        Assert.NotEqual(asked.RequestId, again.RequestId);
        Assert.StartsWith($"The last answer did not count: {why}", again.Request.GetProperty("context").GetString());
        var happened = (await pair.Here.Events(asked.ThreadId)).Select(one => one.GetProperty("type").GetString()!).ToList();
        Assert.Equal(["request_answered", "tool_started", "request_opened"], happened[happened.LastIndexOf("request_answered")..]);

        await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = again.ThreadId, request_id = again.RequestId, approved = true }));
        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(again.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
    }

    [Theory]
    [InlineData(200, Invalid, TooLong, false)]
    [InlineData(200, Invalid, TooLong, true)]
    [InlineData(413, Nothing, $"the MCP server 'far' {NotSoLarge}", false)]
    [InlineData(413, Nothing, $"the MCP server 'far' {NotSoLarge}", true)]
    [Trait("Accepts", "D.5")]
    public async Task A_call_that_begins_nothing_fails_also_after_a_wait(int status, string said, string why, bool waited)
    {
        await using var pair = await Pair.Start(http: true, line: true);
        if (waited)
        {
            pair.Line.Refuse(Start, Nothing, status: 429);
        }

        pair.Line.Refuse(Start, said, status);
        var next = await pair.Settle(await pair.Here.Take("chief", new { intent = "far.calculator", message = "divide 3 by 4" }));

        Assert.Equal(("next_step", 0), (next.Kind, pair.Line.Refusals));
        Assert.StartsWith(why, (await pair.Here.Last(next.ThreadId, "tool_failed")).GetProperty("error").GetString());
        Assert.Equal(waited ? 1 : 0, (await pair.Here.Events(next.ThreadId)).Count(happened => happened.GetProperty("type").GetString() == "request_withdrawn"));
        Assert.Empty(await pair.ThreadsThere());
    }

    [Theory]
    [InlineData(200, Invalid, TooLong)]
    [InlineData(413, Nothing, $"the MCP server 'kiln' {NotSoLarge}")]
    [Trait("Accepts", "F6.9")]
    public async Task What_a_task_goes_on_asking_is_asked_again(int status, string said, string why)
    {
        await using var kiln = new Kiln { IsHot = true };
        await using var line = new LateLine(new(kiln.Url), word: null);
        using var office = new Office().With("kiln", new { url = line.Url }).Agent("potter", "tools: [kiln.fire]\ngates: { kiln.fire: none }");
        await using var server = await office.Start();
        var asked = await Asking(server, await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0));

        line.Refuse("\"tasks/update\"", said, status);
        var again = await Asking(server, await Answer(asked));

        Assert.Equal(("question", "Which glaze?", 0), (again.Kind, again.Request.GetProperty("question").GetString(), line.Refusals));
        Assert.NotEqual(asked.RequestId, again.RequestId);
        Assert.StartsWith($"The last answer did not count: {why}", again.Request.GetProperty("context").GetString());
        await Answer(again);
        Assert.Equal("fired in celadon", (await server.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetString());
        Assert.Equal(1, kiln.Fired);

        Task<Reply> Answer(Reply open) => server.Do("resume_thread", new { thread_id = open.ThreadId, request_id = open.RequestId, response = new { glaze = "celadon" }, wait_seconds = 40 });
    }

    [Fact]
    [Trait("Accepts", "F6.9")]
    public async Task A_call_whose_task_takes_no_such_answer_fails()
    {
        await using var kiln = new Kiln { IsHot = true };
        await using var line = new LateLine(new(kiln.Url), word: null);
        using var office = new Office().With("kiln", new { url = line.Url }).Agent("potter", "tools: [kiln.fire]\ngates: { kiln.fire: none }");
        await using var server = await office.Start();
        var asked = await Asking(server, await server.Take("potter", new { intent = "kiln.fire" }, seconds: 0));

        line.Refuse("\"tasks/update\"", InvalidParameters, 200);
        var next = await server.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, response = new { glaze = "celadon" }, wait_seconds = 40 });

        Assert.Equal(("next_step", 0), (next.Kind, line.Refusals));
        Assert.StartsWith(TooLong, (await server.Last(next.ThreadId, "tool_failed")).GetProperty("error").GetString());
    }

    private static async Task<Reply> Asking(RunningServer server, Reply shown)
    {
        while (shown.Status == "running" || shown.Kind == "child")
        {
            shown = await server.Do("wait_thread", new { thread_id = shown.ThreadId, wait_seconds = 0.3 });
        }

        return shown;
    }
}
