using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Conformance;

public sealed class The_protocols_own_suite
{
    // Of the extension, all that take a task for every call.
    private static readonly string[] Tasks =
    [
        "tasks-lifecycle", "tasks-capability-negotiation", "tasks-wire-fields", "tasks-request-state-removal", "tasks-mrtr-input",
        "tasks-request-headers", "tasks-dispatch-and-envelope", "tasks-status-notifications", "tasks-required-task-error",
    ];

    [Theory]
    [InlineData("2025-06-18", 27)]
    [InlineData("2025-11-25", 33)]
    [InlineData("2026-07-28", 40)]
    public async Task Is_passed_by_the_program_that_ships(string revision, int scenarios)
    {
        using var folder = new TestFolder();
        await using var server = await FixtureServer.Shipped(folder.Database);

        var checks = await Suite.Run(server.Url, "--suite", "all", "--spec-version", revision);

        Passed(checks);
        var ran = checks.Select(check => check.Scenario).Distinct().Order().ToList();
        Assert.True(ran.Count == scenarios, $"{ran.Count} scenarios ran, not {scenarios}: {string.Join(", ", ran)}");
    }

    [Fact]
    public async Task Is_passed_by_agents_as_tasks()
    {
        using var folder = new TestFolder();
        await using var server = await FixtureServer.WithAgents(folder.Database, "task", wait: "0.1");

        var runs = await Task.WhenAll(Tasks.Select(scenario => Suite.Run(server.Url, "--scenario", scenario)));

        Passed([.. runs.SelectMany(checks => checks)]);
        Assert.Equal(Tasks, runs.Select(checks => Assert.Single(checks.Select(check => check.Scenario).Distinct())));
    }

    [Fact]
    public async Task Is_passed_by_an_agent_that_asks_before_it_becomes_a_task()
    {
        using var folder = new TestFolder();
        await using var server = await FixtureServer.WithAgents(folder.Database, "auto", wait: "3");

        var checks = await Suite.Run(server.Url, "--scenario", "tasks-mrtr-composition");

        Passed(checks);
        Assert.Equal("tasks-mrtr-composition", Assert.Single(checks.Select(check => check.Scenario).Distinct()));
    }

    private static void Passed(IReadOnlyList<Check> checks)
    {
        var wrong = checks.Where(check => (check.Status is "SUCCESS" or "INFO") == Baseline.Reasons.ContainsKey(check.Id)).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {checks.Count} checks are not as they should be.\n" + string.Join('\n', wrong.Select(check =>
            $"  {check.Scenario}: {check.Id} {check.Status} {check.Message ?? "It has a reason to fail in the baseline, and does not."}")));
    }
}
