using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Upstream;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Upstream;

public sealed class Servers_that_fall_silent
{
    private static readonly TimeSpan ToStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ToClose = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Whoever_needs_its_tools_is_refused_in_time_and_has_them_once_it_speaks_again()
    {
        await using var mute = new Mute();
        var clock = new SteppedClock(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var settings = new UpstreamSettings("mute", null, [], new Dictionary<string, string>(), null, new(mute.Url), new Dictionary<string, string>(), Trust: false);
        await using var upstreams = new Upstreams([settings], ToStart, ToStart, clock, NullLoggerFactory.Instance);
        Assert.Equal("mute.speak", await Tools());

        mute.IsSilent = true;
        // What it said before is known for some seconds.
        clock.Advance(TimeSpan.FromSeconds(10));
        var refused = Tools();
        await Pass(ToStart, goodByes: 0);
        await Pass(ToClose, goodByes: 1);
        Assert.StartsWith("the MCP server 'mute' cannot be reached: ", (await Assert.ThrowsAsync<UnreachableException>(() => refused)).Message);

        mute.IsSilent = false;
        Assert.Equal("mute.speak", await Tools());

        async Task<string> Tools() => Assert.Single(await upstreams.ToolsOf("mute", TestContext.Current.CancellationToken)).Tool.Name;

        // Once something waits for it, and so many sessions were said to be over.
        async Task Pass(TimeSpan time, int goodByes)
        {
            using var patience = new CancellationTokenSource(Bench.Patience);
            while (clock.Waiting == 0 || mute.GoodByes != goodByes)
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }

            clock.Advance(time);
        }
    }

    [Fact]
    public async Task Whoever_needs_one_while_this_one_stops_is_refused_at_once()
    {
        await using var mute = new Mute();
        var clock = new SteppedClock(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var settings = new UpstreamSettings("mute", null, [], new Dictionary<string, string>(), null, new(mute.Url), new Dictionary<string, string>(), Trust: false);
        var upstreams = new Upstreams([settings], ToStart, ToStart, clock, NullLoggerFactory.Instance);
        await upstreams.ToolsOf("mute", TestContext.Current.CancellationToken);
        mute.IsSilent = true;
        clock.Advance(TimeSpan.FromSeconds(10));

        var stopping = upstreams.DisposeAsync();
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (mute.GoodByes == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        var refused = Task.Run(() => upstreams.ToolsOf("mute", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.Equal("the MCP server 'mute' is not started, since this one stops",
            (await Assert.ThrowsAsync<UnreachableException>(() => refused.WaitAsync(Bench.Patience, TestContext.Current.CancellationToken))).Message);

        clock.Advance(ToClose);
        await stopping;
    }

    [Fact]
    public async Task A_process_with_a_session_there_still_ends()
    {
        await using var mute = new Mute();
        using var office = new Office().With("mute", new { url = mute.Url }).Agent("user", "tools: [mute.speak]");
        await using var server = await office.Start(Transport.Http);
        Assert.Equal("next_step", (await server.Do("user", new { message = "go" })).Kind);

        mute.IsSilent = true;

        Assert.Equal(0, await server.Terminate().WaitAsync(Bench.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(1, mute.GoodByes);
    }
}
