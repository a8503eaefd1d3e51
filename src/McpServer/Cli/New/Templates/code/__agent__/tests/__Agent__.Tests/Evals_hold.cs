using AgentMcp.Server;

namespace __Agent__.Tests;

/// <summary>The cases in evals, with what was said when they were recorded: no key, no network, and no tool is run.</summary>
public sealed class Evals_hold
{
    [Fact]
    public async Task Every_case_comes_out_as_recorded_and_every_expectation_holds() =>
        Assert.Equal(0, await AgentMcpApp.Run(["replay", Path.Combine(AppContext.BaseDirectory, "evals")], app => app.Add(__Agent__Agent.Load())));
}
