using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Upstream;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>A call that a question holds open is held by the process that made it; people answer wherever they are.</summary>
public sealed class Held_calls_beside_other_processes : IAsyncDisposable
{
    private readonly Asker _asker = new();
    private readonly Office _office = new();

    public Held_calls_beside_other_processes() =>
        _office.With("asker", new { url = _asker.Url }).Agent("clerk", "tools: [asker.name_it]\ngates: { asker.name_it: none }");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task Whoever_answers_in_another_process_answers_the_server()
    {
        await using var holder = await _office.Start();
        await using var other = await _office.Start(Transport.Http);
        var asked = await holder.Take("clerk", new { intent = "asker.name_it" });
        Assert.Equal("question", asked.Kind);

        var next = await other.Do("resume_thread", new { thread_id = asked.ThreadId, response = new { name = "Mia" }, wait_seconds = 40 });

        Assert.Equal("next_step", next.Kind);
        Assert.Equal("it was told accept Mia", (await other.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetString());
        Assert.Equal(["accept Mia"], _asker.Told.ToArray());
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Whoever_cancels_in_another_process_ends_the_question()
    {
        await using var holder = await _office.Start();
        await using var other = await _office.Start(Transport.Http);
        var asked = await holder.Take("clerk", new { intent = "asker.name_it" });

        await other.Do("cancel_thread", new { thread_id = asked.ThreadId });

        using var patience = new CancellationTokenSource(Bench.Patience);
        while (_asker.Told.IsEmpty)
        {
            patience.Token.ThrowIfCancellationRequested();
            await other.Do("get_thread", new { thread_id = asked.ThreadId });
        }

        Assert.Equal(["cancel"], _asker.Told.ToArray());
    }

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_server_is_told_after_ten_minutes_that_nobody_answered_whatever_became_of_the_thread()
    {
        var clock = new FakeTimeProvider(new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
        var (held, server) = (new HeldCalls(TimeSpan.FromMinutes(10), clock), new TaskCompletionSource<JsonObject>());
        var call = held.Begin(_ => server.Task);
        var told = held.Ask(new() { Method = "elicitation/create", Params = new JsonObject { ["message"] = "Which name?" } }, Stop);
        held.Keep("key", (await call.Next(Stop))!);

        // What was said in the last moment may have to come from another process.
        clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(29));
        Assert.False(told.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"action":"cancel"}""", (await told.WaitAsync(Bench.Patience, Stop)).ToJsonString());

        // And of what it asks then, which nobody comes to hear.
        var again = held.Ask(new() { Method = "elicitation/create", Params = new JsonObject { ["message"] = "Really?" } }, Stop);
        Assert.False(again.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("""{"action":"cancel"}""", (await again.WaitAsync(Bench.Patience, Stop)).ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        await _asker.DisposeAsync();
        _office.Dispose();
    }
}
