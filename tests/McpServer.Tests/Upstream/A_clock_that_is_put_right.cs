using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Upstream;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The clock was a month ahead, and is put back.</summary>
public sealed class A_clock_that_is_put_right
{
    private static readonly DateTimeOffset Right = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SteppedClock _clock = new(Right.AddMonths(1));

    [Fact]
    [Trait("Accepts", "X.1")]
    public async Task Locks_out_no_server_that_was_away()
    {
        var ledger = new Ledger();
        var url = new Uri(ledger.Url);
        await ledger.DisposeAsync();
        await using var upstreams = Of("ledger", url);
        await Assert.ThrowsAsync<UnreachableException>(() => Tools(upstreams, "ledger"));

        await using var back = new Ledger(url.Port);
        _clock.Set(Right);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["ledger.paint", "ledger.stamp"], await Tools(upstreams, "ledger"));
    }

    [Fact]
    public async Task Keeps_no_list_of_tools_for_longer()
    {
        await using var scribe = new Scribe();
        await using var upstreams = Of("scribe", new(scribe.Url));
        Assert.Equal(["scribe.slow"], await Tools(upstreams, "scribe"));

        scribe.With("new", "{}");
        _clock.Set(Right);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["scribe.new", "scribe.slow"], await Tools(upstreams, "scribe"));
    }

    private Upstreams Of(string name, Uri url) =>
        new([new UpstreamSettings(name, null, [], new Dictionary<string, string>(), null, url, new Dictionary<string, string>(), Trust: false)],
            TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), _clock, NullLoggerFactory.Instance);

    private static async Task<string[]> Tools(Upstreams upstreams, string server) =>
        [.. (await upstreams.ToolsOf(server, TestContext.Current.CancellationToken)).Select(offered => offered.Tool.Name).Order(StringComparer.Ordinal)];
}
