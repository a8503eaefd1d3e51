using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Channels;

public sealed class A_channel_that_is_down : IAsyncDisposable
{
    private readonly Receiver _ops = new();

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task Leaves_the_thread_pending_is_seen_in_it_and_is_tried_until_it_is_up()
    {
        _ops.Answer(503);
        _ops.Answer(500);
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops"));
        var asked = await bench.AskToDivide();
        Receiver.Notice[] tries = [await _ops.Next(), await _ops.Next(), await _ops.Next()];
        Assert.All(tries, notice => Assert.Equal((asked.RequestId + "_request", true), (notice.Id, notice.WellSigned)));

        Assert.Equal("pending", (await bench.Get(asked.ThreadId)).Status);
        var failed = Assert.Single(await bench.Events(asked.ThreadId, "delivery_failed"));
        Assert.Equal(("ops", "the server answered 503"), (failed.GetProperty("channel").GetString(), failed.GetProperty("error").GetString()));
        var transcript = await bench.Server.Client.ReadResourceAsync($"thread://{asked.ThreadId}/transcript", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("**Nobody could be told through ops**", ((ModelContextProtocol.Protocol.TextResourceContents)transcript.Contents[0]).Text, StringComparison.Ordinal);

        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });
        Assert.Equal("request.closed", (await _ops.Next()).Type);
        Assert.Equal("The result is 0.75.", (await bench.Finished(asked.ThreadId)).Message);
    }

    [Fact]
    [Trait("Accepts", "X.2")]
    public async Task Holds_up_no_call_and_no_answer_when_it_hangs()
    {
        _ops.Hang();
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops"));
        var asked = await bench.Server.Do("calculator", new { message = "Divide 3 by 4", wait_seconds = 60 });
        Assert.Equal("pending", asked.Status);
        await _ops.Next();
        var answered = await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true, wait_seconds = 60 });
        Assert.Equal("The result is 0.75.", answered.Message);
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task Is_given_up_after_as_many_attempts_as_it_was_given()
    {
        _ops.Answer(503);
        _ops.Answer(502);
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops", "channels__ops__attempts=2"));
        var asked = await bench.AskToDivide();
        await _ops.Next();
        await _ops.Next();
        string?[] errors;
        do
        {
            errors = [.. (await bench.Events(asked.ThreadId, "delivery_failed")).Select(failed => failed.GetProperty("error").GetString())];
        }
        while (errors.Length < 2);

        Assert.Equal(["the server answered 503", "the server answered 502; given up after 2 attempts"], errors);
        Assert.Equal("pending", (await bench.Get(asked.ThreadId)).Status);
    }

    [Fact]
    public async Task Is_taken_up_at_once_by_the_next_process_when_one_stops_in_the_middle()
    {
        _ops.Hang();
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops"));
        var asked = await bench.AskToDivide();
        var first = await _ops.Next();
        Assert.Equal(0, await bench.Server.Terminate());
        await using var next = await bench.Another();
        var second = await _ops.Next();
        Assert.Equal((asked.RequestId + "_request", first.Id), (second.Id, second.Id));
        Assert.DoesNotContain("delivery_failed", (await next.Do("get_thread", new { thread_id = asked.ThreadId, include_events = true })).EventTypes);
    }

    public ValueTask DisposeAsync() => _ops.DisposeAsync();
}
