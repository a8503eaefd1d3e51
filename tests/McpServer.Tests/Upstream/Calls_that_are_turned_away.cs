using AgentMcp.Agents.Tools;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Upstream;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The thread here is cancelled, and whether one was begun there is known or is not.</summary>
public sealed class Calls_that_are_turned_away : IAsyncDisposable
{
    private const string Begun = """{"content":[],"structuredContent":{"thread_id":"thr_there","status":"running"}}""";

    private readonly SteppedClock _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Scribe _scribe = new();
    private readonly Upstreams _upstreams;
    private readonly Tool _scaler;

    public Calls_that_are_turned_away()
    {
        _upstreams = new([new UpstreamSettings("scribe", null, [], new Dictionary<string, string>(), null, new(_scribe.Url), new Dictionary<string, string>(), Trust: false)],
            TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10), _clock, NullLoggerFactory.Instance);
        _scaler = _upstreams.Recall(new("scribe", "scaler", IsAgent: true));
        _scribe.With("cancel_thread", Begun);
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Nothing_is_begun_there_only_to_be_cancelled()
    {
        var once = await Run(429);
        var twice = await Run(401, once);

        await End(twice);

        Assert.Equal((2, 0), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task What_may_have_got_there_before_is_found_and_cancelled()
    {
        var broken = await Run(503);
        var turnedAway = await Run(429, broken);

        await End(turnedAway);

        Assert.Equal((3, 1), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Whoever_starts_no_more_for_the_moment_has_begun_nothing()
    {
        await End(await Said("busy: This server runs 1 threads at once"));

        Assert.Equal((1, 0), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Whoever_cannot_say_for_the_moment_may_have_begun_something()
    {
        await End(await Said("unavailable: the disk is full"));

        Assert.Equal((2, 1), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Whoever_knows_the_tool_no_more_is_asked_for_what_it_began()
    {
        var broken = await Run(503);
        _scribe.Without("scaler").With("invoke_agent", Begun);

        await _scaler.Elsewhere!.End(Call(broken, attempt: 0), TestContext.Current.CancellationToken);

        Assert.Equal((2, 1, 1), (_scribe.Calls("scaler"), _scribe.Calls("invoke_agent"), _scribe.Calls("cancel_thread")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Accepts", "F6.6")]
    public async Task What_cannot_be_found_by_any_request_is_looked_after_no_more(bool isTooLarge)
    {
        var broken = await Run(503);
        _ = isTooLarge ? _scribe.With("scaler", "{}", 413) : _scribe.Without("scaler");

        // Else it would be tried again for good.
        await _scaler.Elsewhere!.End(Call(broken, attempt: 0), TestContext.Current.CancellationToken);

        Assert.Equal((2, 0), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task So_is_what_a_run_may_have_begun_that_was_cut_off()
    {
        await End(await Run(429), attempt: 1);
        Assert.Equal((2, 1), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));

        await End(await Run(429, attempt: 2));
        Assert.Equal((4, 2), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));

        await End(null);
        Assert.Equal((5, 3), (_scribe.Calls("scaler"), _scribe.Calls("cancel_thread")));
    }

    public async ValueTask DisposeAsync()
    {
        await _scribe.DisposeAsync();
        await _upstreams.DisposeAsync();
    }

    private async Task<JsonText?> Said(string refusal)
    {
        _scribe.With("scaler", $"{{\"content\":[{{\"type\":\"text\",\"text\":\"{refusal}\"}}],\"isError\":true}}");
        return Assert.IsType<ToolOutcome.Asked>(await _scaler.Run(Call(null, attempt: 1), TestContext.Current.CancellationToken)).Relay.Continuation;
    }

    private async Task<JsonText?> Run(int status, JsonText? at = null, int attempt = 1)
    {
        _scribe.With("scaler", "{}", status);
        return Assert.IsType<ToolOutcome.Asked>(await _scaler.Run(Call(at, attempt), TestContext.Current.CancellationToken)).Relay.Continuation;
    }

    private Task End(JsonText? at, int attempt = 0)
    {
        _scribe.With("scaler", Begun);
        return _scaler.Elsewhere!.End(Call(at, attempt), TestContext.Current.CancellationToken);
    }

    private ToolCall Call(JsonText? at, int attempt) =>
        new(ThreadId.New(_clock.GetUtcNow()), new(2), "key", JsonText.Parse("{}"), attempt, Relayed: at is { } known ? new(known) : null);
}
