using AgentMcp.Agents.Tools;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Upstream;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>All threads of a process use one connection to a server.</summary>
public sealed class Requests_that_fail_beside_others : IAsyncDisposable
{
    private static readonly TimeSpan ToStart = TimeSpan.FromSeconds(30);
    private static readonly ToolOutcome Done = new ToolOutcome.Returned(JsonText.Of("slowly done"));

    private readonly SteppedClock _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Scribe _scribe = new();
    private readonly Upstreams _upstreams;

    public Requests_that_fail_beside_others() => _upstreams = new([new UpstreamSettings("scribe", null, [], new Dictionary<string, string>(), null, new(_scribe.Url), new Dictionary<string, string>(), Trust: false)],
        ToStart, TimeSpan.FromMinutes(10), _clock, NullLoggerFactory.Instance);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_list_that_does_not_come_ends_no_call()
    {
        var slow = await Slow();
        _scribe.ListsNothing = true;
        // What it said before is known for some seconds.
        _clock.Advance(TimeSpan.FromSeconds(10));

        var refused = _upstreams.ToolsOf("scribe", Stop);
        await Until(() => _scribe.Lists == 2 && _clock.Waiting > 0);
        _clock.Advance(ToStart);

        Assert.StartsWith("the MCP server 'scribe' cannot be reached: ", (await Assert.ThrowsAsync<UnreachableException>(() => refused)).Message);
        _scribe.FinishSlow();
        Assert.Equal(Done, await slow);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    [Trait("Accepts", "F8.7")]
    public async Task A_request_that_is_turned_away_has_done_nothing_and_ends_no_call(int status)
    {
        _scribe.With("busy", "{}", status);
        var slow = await Slow();

        var refused = await Assert.ThrowsAsync<TurnedAwayException>(() => Run("busy"));

        Assert.StartsWith($"the MCP server 'scribe' turned the request away: Response status code does not indicate success: {status}", refused.Message);
        _scribe.FinishSlow();
        Assert.Equal(Done, await slow);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_request_that_is_too_large_has_done_nothing_never_will_and_ends_no_call()
    {
        _scribe.With("busy", "{}", 413);
        var slow = await Slow();

        var refused = await Assert.ThrowsAsync<RefusedThereException>(() => Run("busy"));

        Assert.StartsWith("the MCP server 'scribe' does not take so large a request: Response status code does not indicate success: 413", refused.Message);
        _scribe.FinishSlow();
        Assert.Equal(Done, await slow);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_server_that_fails_leaves_a_doubt_and_ends_no_call()
    {
        _scribe.With("broken", "{}", 503);
        var slow = await Slow();

        await Assert.ThrowsAsync<OutcomeUnknownException>(() => Run("broken"));

        _scribe.FinishSlow();
        Assert.Equal(Done, await slow);
    }

    public async ValueTask DisposeAsync()
    {
        await _scribe.DisposeAsync();
        await _upstreams.DisposeAsync();
    }

    private async Task<Task<ToolOutcome>> Slow()
    {
        await _upstreams.ToolsOf("scribe", Stop);
        var slow = Run("slow");
        await _scribe.SlowWasCalled.WaitAsync(Bench.Patience, Stop);
        return slow;
    }

    private Task<ToolOutcome> Run(string tool) => _upstreams.Recall(new("scribe", tool)).Run(
        new(ThreadId.New(_clock.GetUtcNow()), new(2), "key", JsonText.Parse("{}"), Attempt: 1), Stop);

    private static async Task Until(Func<bool> come)
    {
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (!come())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
