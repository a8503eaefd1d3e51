namespace AgentMcp.Fuzz;

public sealed class Nothing_hostile_breaks_anything
{
    [Fact]
    public async Task Every_input_gets_a_clear_answer()
    {
        var reports = await Runs.All(inputs: 3000, seed: 20261125);

        Assert.Equal(3000, reports.Sum(report => report.Inputs));
        var failures = string.Join("\n", reports.SelectMany(report => report.Failures));
        Assert.True(failures.Length == 0, failures);
    }
}
