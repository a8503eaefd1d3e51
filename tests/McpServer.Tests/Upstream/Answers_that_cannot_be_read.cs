using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>What JSON allows and .NET cannot read: half of an emoji, where a text was cut, and a member that comes twice.</summary>
public sealed class Answers_that_cannot_be_read
{
    private const string Secret = "Bearer nobody-is-told-this";

    [Theory]
    [InlineData(null, """{"content":[{"type":"text","text":"cut \ud83d"}]}""", "cut \ufffd")]
    [InlineData(Secret, """{"content":[{"type":"text","text":"cut \ud83d"}]}""", "cut \ufffd")]
    [InlineData(null, """{"content":[{"type":"text","text":"whole \ud83d\ude00, cut \ude00, a path \\ud83d"}]}""", @"whole 😀, cut �, a path \ud83d")]
    [InlineData(null, """{"isError":true,"isError":false,"content":[{"type":"text","text":"one","text":"two"}]}""", "two")]
    [InlineData(Secret, """{"isError":true,"isError":false,"content":[{"type":"text","text":"one","text":"two"}]}""", "two")]
    [InlineData(null, """{"isError":true,"isError":false,"content":[{"type":"text","text":"\ud83d"}]}""", "[what the server sent here cannot be read]")]
    [InlineData(Secret, """{"content":[{"type":"text","text":"x"}],"\ud83d":1}""", "[what the server sent here cannot be read]")]
    [Trait("Accepts", "F8.7")]
    public async Task Are_read_as_far_as_can_be_and_no_call_beside_them_is_lost(string? secret, string answer, string read)
    {
        await using var scribe = new Scribe().With("odd", answer);
        using var office = Clerk(scribe, secret);
        await using var server = await office.Start();
        var slow = await server.Take("clerk", new { intent = "scribe.slow" }, seconds: 0);
        await scribe.SlowWasCalled.WaitAsync(Bench.Patience, TestContext.Current.CancellationToken);

        var odd = await server.Take("clerk", new { intent = "scribe.odd" });
        scribe.FinishSlow();
        var next = await server.Do("wait_thread", new { thread_id = slow.ThreadId, wait_seconds = 40 });

        Assert.Equal(("next_step", "next_step"), (odd.Kind, next.Kind));
        Assert.Equal(read, (await server.Last(odd.ThreadId, "tool_returned")).GetProperty("result").GetString());
        Assert.Equal("slowly done", (await server.Last(slow.ThreadId, "tool_returned")).GetProperty("result").GetString());
        Assert.Equal((1, 1), (scribe.Calls("odd"), scribe.Calls("slow")));
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task Leave_a_doubt_where_an_effect_may_have_happened_and_a_failure_where_none_can()
    {
        await using var scribe = new Scribe().With("odd", """{"isError":"perhaps","content":[]}""");
        using var office = Clerk(scribe).Agent("reader", "tools: [\"scribe.*\"]\ngates: { \"scribe.*\": none }\neffects: { \"scribe.*\": read_only }");
        await using var server = await office.Start();

        var doubt = await server.Take("clerk", new { intent = "scribe.odd" });
        var failed = await server.Take("reader", new { intent = "scribe.odd" });

        Assert.Equal(("in_doubt", "next_step"), (doubt.Kind, failed.Kind));
        Assert.Contains("scribe.odd answered, and the answer cannot be read: ", doubt.Request.GetProperty("context").GetString());
        Assert.StartsWith("scribe.odd answered, and the answer cannot be read: ", (await server.Last(failed.ThreadId, "tool_failed")).GetProperty("error").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Secret)]
    public async Task In_the_description_of_a_tool_keep_nobody_from_its_server(string? secret)
    {
        await using var scribe = new Scribe { Description = @"Says it \ud83d" };
        using var office = Clerk(scribe, secret);
        await using var server = await office.Start();

        Assert.Equal("next_step", (await server.Do("clerk", new { message = "go" })).Kind);
    }

    private static Office Clerk(Scribe scribe, string? secret = null) => new Office()
        .With("scribe", secret is null ? (object)new { url = scribe.Url } : new { url = scribe.Url, headers = new { Authorization = secret } })
        .Agent("clerk", "tools: [\"scribe.*\"]\ngates: { \"scribe.*\": none }");
}
