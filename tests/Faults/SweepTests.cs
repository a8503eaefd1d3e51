using AgentMcp.Faults.Sweep;

namespace AgentMcp.Faults;

/// <summary>The bounded sweep; <c>--kills 1000</c> is the full one. See docs/faults.md.</summary>
public sealed class SweepTests
{
    private const int Kills = 60;
    private const int Seed = 20260131;

    [Fact]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "R.10")]
    [Trait("Accepts", "F8.7")]
    public async Task Whoever_is_killed_whenever_nothing_is_lost_and_nothing_is_done_twice()
    {
        using var told = new StringWriter();
        var right = await SweepCommand.Run(new(Kills, Seed), told);
        TestContext.Current.TestOutputHelper!.WriteLine(told.ToString());
        Assert.True(right, told.ToString());
    }
}
