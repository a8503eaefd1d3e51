using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Apps;

public sealed class Only_the_card_has_the_token(SharedServers servers)
{
    private const string Forged = "99999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    [Theory]
    [Trait("Accepts", "P.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_model_that_calls_the_cards_tool_without_it_is_refused_and_recorded(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);
        var pending = await CardHost.Guarded(host);

        var refused = await host.Refusal("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = Forged, approved = true });

        Assert.StartsWith($"human_required: Only a person may answer {pending.RequestId}, and this attempt was recorded.", refused, StringComparison.Ordinal);
        var after = await host.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        Assert.Equal(("answer_refused", "app"), (after.EventTypes.Last(), after.Json.GetProperty("events").EnumerateArray().Last().GetProperty("channel").GetString()));
        Assert.Equal(("pending", pending.RequestId), (after.Status, after.RequestId));
    }

    [Theory]
    [Trait("Accepts", "P.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_token_is_good_for_its_own_request_alone(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);
        var (one, other) = (await CardHost.Guarded(host), await CardHost.Guarded(host));
        var expires = one.Token().Split('.')[0];

        foreach (var token in new[] { other.Token(), one.Data().GetProperty("token").GetString()!, one.Token()[..^2], one.Token().Replace(expires, "9" + expires, StringComparison.Ordinal), "", "." })
        {
            Assert.StartsWith("human_required: ", await host.Refusal("answer_request", new { thread_id = one.ThreadId, request_id = one.RequestId, token, approved = true }), StringComparison.Ordinal);
        }

        await host.Do("answer_request", new { thread_id = one.ThreadId, request_id = one.RequestId, token = one.Token(), approved = false });
        var next = await host.Do("resume_thread", new { thread_id = one.ThreadId, response = new { intent = "divide", a = 1, b = 2 } });
        Assert.StartsWith("human_required: ", await host.Refusal("answer_request", new { thread_id = one.ThreadId, request_id = next.RequestId, token = one.Token(), approved = true }), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Without_it_nothing_is_answered_or_followed_that_the_caller_could_answer_either(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);
        var pending = await host.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal("human_required: Only the card that shows a request can answer it with this tool. Ask the user, then call resume_thread.",
            await host.Refusal("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = Forged, approved = true }));
        Assert.Equal($"human_required: Only the card that shows {pending.ThreadId} can follow it with this tool. Call wait_thread.",
            await host.Refusal("follow_thread", new { thread_id = pending.ThreadId, token = pending.Token() }));
        Assert.StartsWith("request_not_found: ", await host.Refusal("answer_request", new { thread_id = pending.ThreadId, request_id = "req_1", token = Forged }), StringComparison.Ordinal);
        Assert.StartsWith("thread_not_found: ", await host.Refusal("answer_request",
            new { thread_id = pending.ThreadId, request_id = "req_00000000000000000000000000000000_3", token = Forged, approved = true }), StringComparison.Ordinal);
        Assert.Equal(pending.Version, (await host.Do("get_thread", new { thread_id = pending.ThreadId })).Version);
    }

    [Fact]
    public async Task A_request_is_answered_only_for_the_thread_that_asks_or_one_above_it()
    {
        await using var host = await CardHost.Start(servers, Transport.Http, Ways.Newest);
        var (one, other) = (await CardHost.Guarded(host), await CardHost.Guarded(host));

        foreach (var thread in new[] { other.ThreadId, "thr_00000000000000000000000000000000" })
        {
            Assert.Equal($"request_not_found: '{one.RequestId}' is not a request of {thread}.",
                await host.Refusal("answer_request", new { thread_id = thread, request_id = one.RequestId, token = one.Token(), approved = true }));
        }

        Assert.Equal(one.Version, (await host.Do("get_thread", new { thread_id = one.ThreadId })).Version);
    }

    [Theory]
    [InlineData("get_thread")]
    [InlineData("wait_thread")]
    public async Task Tools_that_show_no_card_give_no_token(string tool)
    {
        await using var host = await CardHost.Start(servers, Transport.Http, Ways.Newest);
        var pending = await CardHost.Guarded(host);

        var seen = await host.Do(tool, new { thread_id = pending.ThreadId });

        Assert.False(seen.Result.Meta?.ContainsKey("agentmcp/card") ?? false);
        Assert.DoesNotContain(pending.Token(), pending.Json.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(pending.Token(), string.Concat(pending.Result.Content.Select(block => block.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_old_card_says_that_it_is_too_old()
    {
        await using var host = await CardHost.Start(servers, Transport.Stdio, Ways.Newest, new Dictionary<string, string> { ["form_lifetime"] = "0" });
        var pending = await CardHost.Guarded(host);

        var refused = await host.Refusal("answer_request", new { thread_id = pending.ThreadId, request_id = pending.RequestId, token = pending.Token(), approved = true });

        Assert.Equal($"human_required: This card is too old to answer in; nothing was lost. On this machine: agentmcp answer {pending.ThreadId}.", refused);
        Assert.Equal(pending.Version, (await host.Do("get_thread", new { thread_id = pending.ThreadId })).Version);
    }

    [Fact]
    public async Task A_key_that_cannot_be_used_leaves_the_result_as_it_is_and_the_card_without_tokens()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Database + ".key", "short", TestContext.Current.CancellationToken);
        await using var host = await RunningServer.Start(Transport.Stdio, folder.Database, Ways.Newest, options: CardHost.Declares("text/html;profile=mcp-app"));

        var pending = await host.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal("approval", pending.Kind);
        Assert.Equal(["problem"], pending.Data().EnumerateObject().Select(member => member.Name));
        Assert.StartsWith("The key that signs forms cannot be used.", pending.Data().GetProperty("problem").GetString(), StringComparison.Ordinal);
    }
}
