using AgentMcp.Server.Tests.Running;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The other server answers, and only that its database is away.</summary>
public sealed class A_server_that_cannot_say_for_the_moment
{
    [Fact]
    [Trait("Accepts", "D.6")]
    public async Task Withdraws_nothing_that_it_asked()
    {
        await using var pair = await Pair.Start(http: true);
        var asked = await pair.Call();

        File.Move(pair.ThereDatabase, pair.ThereDatabase + ".away");
        Assert.StartsWith("unavailable", await pair.There!.Refusal("get_thread", new { thread_id = asked.Request.GetProperty("path")[1].GetString() }));
        Looked(pair);

        File.Move(pair.ThereDatabase + ".away", pair.ThereDatabase);
        var now = await pair.Here.Do("get_thread", new { thread_id = asked.ThreadId });
        Assert.Equal((asked.RequestId, asked.Version), (now.RequestId, now.Version));
        await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));
        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.6")]
    public async Task Is_told_until_it_can_that_its_thread_is_cancelled()
    {
        await using var pair = await Pair.Start(http: true);
        var asked = await pair.Call();

        File.Move(pair.ThereDatabase, pair.ThereDatabase + ".away");
        await pair.Here.Do("cancel_thread", new { thread_id = asked.ThreadId });
        Looked(pair);
        File.Move(pair.ThereDatabase + ".away", pair.ThereDatabase);

        var there = await pair.ThreadsThere();
        while (there is ["calculator pending"])
        {
            there = await pair.ThreadsThere();
        }

        Assert.Equal(["calculator cancelled"], there);
    }

    [Theory]
    [InlineData(""" "result":{"content":[{"type":"text","text":"unavailable: the disk is full"}],"isError":true} """)]
    [InlineData(""" "error":{"code":-32603,"message":"an internal error"} """)]
    [Trait("Accepts", "D.5")]
    public async Task Is_given_an_answer_again_that_it_could_not_take(string said)
    {
        await using var pair = await Pair.Start(http: true, line: true);
        var asked = await pair.Call();

        pair.Line.Refuse("\"resume_thread\"", said);
        var next = await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));

        Assert.Equal(("next_step", 0), (next.Kind, pair.Line.Refusals));
        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.Single(await pair.Here.Events(next.ThreadId), happened => happened.GetProperty("type").GetString() == "request_opened" && happened.GetProperty("kind").GetString() == "approval");
    }

    // There is something to look at all the while.
    private static void Looked(Pair pair)
    {
        var (times, last) = (0, Looks(pair));
        while (times < 4)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var now = Looks(pair);
            Assert.NotNull(now);
            (times, last) = (now == last ? times : times + 1, now);
        }
    }

    private static long? Looks(Pair pair)
    {
        using var database = new SqliteConnection($"Data Source={pair.HereDatabase}");
        database.Open();
        using var looks = database.CreateCommand();
        looks.CommandText = "SELECT looks FROM relays";
        return (long?)looks.ExecuteScalar();
    }
}
