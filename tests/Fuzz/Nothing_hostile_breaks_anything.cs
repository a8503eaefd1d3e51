using System.Diagnostics;
using CsCheck;

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

    [Fact]
    public async Task Inputs_that_are_all_turned_away_at_the_door_are_told()
    {
        var closed = new Target("closed", Gen.Int.Select(number => new Attempt($"{number}", () => Task.FromResult(number % 2 == 0 ? "401 even" : "401 odd"))), Process.GetCurrentProcess(), ("200", 5), ("401", 100));

        var report = await Fuzzing.Run(closed, 60, seed: 1, stream: 0);
        Assert.Equal(["closed: '200' came of 0 inputs, and of 60 at least 3 must come to that"], report.Failures);
        Assert.Empty((await Fuzzing.Run(closed, 10, seed: 1, stream: 0)).Failures);
    }

    [Fact]
    public async Task Handles_that_are_kept_are_told_of_a_run_as_short_as_these()
    {
        List<FileStream> kept = [];
        var leak = new Target("leak", Gen.Int.Select(number => new Attempt($"{number}", () =>
        {
            kept.Add(File.OpenRead(Environment.ProcessPath!));
            return Task.FromResult("kept");
        })), Process.GetCurrentProcess());

        var report = await Fuzzing.Run(leak, 60, seed: 1, stream: 0);
        kept.ForEach(file => file.Dispose());

        Assert.Matches("^leak: it grew from .* handles to .* handles$", Assert.Single(report.Failures));
    }
}
