using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class RelaysTests : IDisposable
{
    private static readonly CallId Call = new(2);
    private readonly TemporaryDatabase _files = new();

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_call_is_looked_at_by_one_process_at_a_time_and_ever_more_seldom()
    {
        using var one = _files.Store();
        using var other = _files.Store();
        await Began(one);

        Assert.Empty(await one.Relays.Claim(Nine, 10));
        var claims = await Task.WhenAll(one.Relays.Claim(Nine.AddSeconds(1), 10), other.Relays.Claim(Nine.AddSeconds(1), 10));
        Assert.Equal([(Spec.Id, Call)], claims.SelectMany(claim => claim));

        Assert.Empty(await other.Relays.Claim(Nine.AddSeconds(1.3), 10));
        Assert.Single(await other.Relays.Claim(Nine.AddSeconds(1.4), 10));
    }

    [Fact]
    public async Task Something_new_with_a_call_makes_looks_quick_again_and_so_does_its_end()
    {
        using var store = _files.Store();
        await Began(store);
        var now = Nine;
        for (var look = 0; look < 20; look++)
        {
            now = now.AddSeconds(31);
            Assert.Single(await store.Relays.Claim(now, 10));
        }

        Assert.Empty(await store.Relays.Claim(now.AddSeconds(29), 10));
        await store.Relays.Begin(Spec.Id, Call, now);
        Assert.Single(await store.Relays.Claim(now.AddSeconds(1), 10));
        await store.Relays.Hurry(Spec.Id);
        Assert.Single(await store.Relays.Claim(now.AddSeconds(1), 10));
    }

    [Fact]
    public async Task What_nobody_here_knows_goes_round_once_and_is_then_looked_at_as_seldom_as_any()
    {
        using var store = _files.Store();
        await Began(store);
        for (var look = 0; look < 8; look++)
        {
            Assert.Single(await store.Relays.Claim(Nine.AddSeconds(1), 10));
            await store.Relays.HandOn(Spec.Id, Call);
        }

        Assert.Single(await store.Relays.Claim(Nine.AddSeconds(1), 10));
        await store.Relays.HandOn(Spec.Id, Call);
        Assert.Empty(await store.Relays.Claim(Nine.AddSeconds(10), 10));
        Assert.Single(await store.Relays.Claim(Nine.AddSeconds(11), 10));
    }

    [Fact]
    public async Task What_is_over_is_not_looked_at()
    {
        using var store = _files.Store();
        await Began(store);
        await store.Relays.End(Spec.Id, Call);
        Assert.Empty(await store.Relays.Claim(Ten, 10));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task What_is_only_counted_is_counted_until_it_is_over_and_nobody_looks_at_it()
    {
        using var one = _files.Store();
        using var other = _files.Store();
        await Began(one);

        Assert.Equal((1, 1, 2), (await one.Relays.Count(Spec.Id, new(3)), await one.Relays.Count(Spec.Id, new(4)), await other.Relays.Count(Spec.Id, new(3))));
        await one.Relays.Hurry(Spec.Id);
        Assert.Equal([(Spec.Id, Call)], await one.Relays.Claim(Nine.AddYears(100), 10));
        Assert.Equal(3, await one.Relays.Count(Spec.Id, new(3)));
        await other.Relays.Uncount(Spec.Id, new(3));
        Assert.Equal((1, 2), (await one.Relays.Count(Spec.Id, new(3)), await one.Relays.Count(Spec.Id, new(4))));
    }

    [Fact]
    public async Task What_is_under_way_elsewhere_is_not_counted_and_stays()
    {
        using var store = _files.Store();
        await Began(store);

        Assert.Equal((0, 0), (await store.Relays.Count(Spec.Id, Call), await store.Relays.Count(Spec.Id, Call)));
        await store.Relays.Uncount(Spec.Id, Call);
        Assert.Single(await store.Relays.Claim(Nine.AddSeconds(1), 10));
    }

    public void Dispose() => _files.Dispose();

    private static async Task Began(ThreadStore store)
    {
        await store.Start(Spec.Id, (ThreadStarted)Happened.Started, null, takeLease: false);
        await store.Relays.Begin(Spec.Id, Call, Nine);
    }
}
