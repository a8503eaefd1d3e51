using AgentMcp.Server.Tests.Rest;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Escalating_over_rest : IAsyncDisposable
{
    private readonly Receiver _ops = new();
    private readonly Receiver _boss = new();

    [Fact]
    [Trait("Accepts", "A2H.7")]
    public async Task Tells_further_people_of_the_same_request_and_changes_nothing_about_it()
    {
        await using var bench = await Bench.Start(_ops.As("ops").Concat(_boss.As("boss", "notify=ops")).ToDictionary());
        var asked = await bench.AskToDivide();
        using var rest = new RestClient(bench.Server.Url!, bench.Database);
        var before = await rest.Get($"/function_calls/{asked.RequestId}");

        Assert.Equal(before, await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"Mia is on holiday","channel":"boss"}"""));

        var told = await _boss.Next();
        Assert.Equal(("request.escalated", asked.RequestId, "Mia is on holiday"), (told.Type, told.Request, told.Data.GetProperty("escalation_msg").GetString()));
        Assert.Equal(asked.Version, (await bench.Get(asked.ThreadId)).Version);
        Assert.Equal(before, await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"Still nobody","channel":"ops"}"""));

        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });
        Assert.Equal("request.closed", (await _boss.Next()).Type);
        Assert.StartsWith("409 ", await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"too late","channel":"boss"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Again_within_a_minute_it_is_refused_and_nobody_is_told_once_more()
    {
        await using var bench = await Bench.Start(_boss.As("boss"));
        var asked = await bench.AskToDivide();
        using var rest = new RestClient(bench.Server.Url!, bench.Database);
        using HttpRequestMessage again = new(HttpMethod.Post, new Uri(bench.Server.Url!, $"/api/v1/function_calls/{asked.RequestId}/escalate"))
        {
            Content = new StringContent("""{"escalation_msg":"Mia is on holiday","channel":"boss"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        Assert.StartsWith("200 ", await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"Mia is on holiday","channel":"boss"}"""), StringComparison.Ordinal);
        Assert.Equal("request.escalated", (await _boss.Next()).Type);

        using var refused = await rest.Http.SendAsync(again, TestContext.Current.CancellationToken);

        var seconds = (int)refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        Assert.InRange(seconds, 1, 60);
        Assert.Equal(
            $$"""429 {"type":"about:blank","title":"Too Many Requests","status":429,"detail":"boss was told of {{asked.RequestId}} less than a minute ago. Nothing was done; make the same request again in {{seconds}} seconds.","code":"limit_reached"}""",
            $"{(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });
        Assert.Equal("request.closed", (await _boss.Next()).Type);
    }

    [Fact]
    [Trait("Accepts", "A2H.7")]
    public async Task Whoever_alone_was_told_learns_that_it_is_settled()
    {
        await using var bench = await Bench.Start(_boss.As("boss"));
        var asked = await bench.AskToDivide();
        using var rest = new RestClient(bench.Server.Url!, bench.Database);
        await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"Mia is on holiday","channel":"boss"}""");
        var told = await _boss.Next();

        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });

        var closed = await _boss.Next();
        Assert.Equal((("request.escalated", asked.RequestId), ("request.closed", asked.RequestId)), ((told.Type, told.Request), (closed.Type, closed.Request)));
    }

    [Fact]
    [Trait("Accepts", "A2H.7")]
    public async Task Says_which_channels_there_are()
    {
        await using var bench = await Bench.Start(_ops.As("ops").Concat(_boss.As("boss")).ToDictionary());
        var asked = await bench.AskToDivide();
        using var rest = new RestClient(bench.Server.Url!, bench.Database);

        Assert.Contains("There is no channel 'moon': boss, ops.", await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"help","channel":"moon"}"""), StringComparison.Ordinal);
        Assert.Contains("Say which channel is to be told: boss, ops.", await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"help"}"""), StringComparison.Ordinal);
        Assert.StartsWith("400 ", await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":"help","additional_recipients":[]}"""), StringComparison.Ordinal);
        Assert.StartsWith("422 ", await rest.Post($"/function_calls/{asked.RequestId}/escalate", """{"escalation_msg":""}"""), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _ops.DisposeAsync();
        await _boss.DisposeAsync();
    }
}
