using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace __Agent__.Tests;

public sealed class Tools_are_plain_code
{
    [Fact]
    public void Prices_are_looked_up() => Assert.Equal(39.90m, Shop.PriceOf("lamp"));

    [Fact]
    public void An_unknown_item_says_what_there_is() =>
        Assert.Equal("there is no 'sofa'; there are lamp, chair", Assert.Throws<ToolException>(() => Shop.PriceOf("sofa")).Message);

    [Fact]
    public void Ordering_waits_for_a_person() => Assert.Equal(Route.Approve, __Agent__Agent.Load().FindTool("place_order")!.Route);

    [Fact]
    public void A_step_without_a_quantity_is_none() =>
        Assert.IsType<RejectStep>(StepReader.Read(__Agent__Agent.Load(), """{"intent":"place_order","item":"lamp"}""", "hand", null, default));
}
