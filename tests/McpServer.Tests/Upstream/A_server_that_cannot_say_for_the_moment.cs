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
        var looks = Looks(pair);
        while (Looks(pair) < looks + 3)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        File.Move(pair.ThereDatabase + ".away", pair.ThereDatabase);
        var now = await pair.Here.Do("get_thread", new { thread_id = asked.ThreadId });
        Assert.Equal((asked.RequestId, asked.Version), (now.RequestId, now.Version));
        await pair.Settle(await pair.Here.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true }));
        Assert.Equal("""{"message":"The result is 0.75."}""", (await pair.Here.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
    }

    private static long Looks(Pair pair)
    {
        using var database = new SqliteConnection($"Data Source={pair.HereDatabase}");
        database.Open();
        using var looks = database.CreateCommand();
        looks.CommandText = "SELECT looks FROM relays";
        return (long)looks.ExecuteScalar()!;
    }
}
