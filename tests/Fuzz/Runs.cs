namespace AgentMcp.Fuzz;

internal static class Runs
{
    /// <summary>Shares inputs out to all targets, or to those whose name holds a word, and runs one after the other.</summary>
    public static async Task<IReadOnlyList<Report>> All(int inputs, ulong seed, string? only = null, int from = 0, Action<Report>? done = null)
    {
        await using var everything = await Everything.Open();
        List<Report> reports = [];
        for (var i = 0; i < everything.Targets.Count; i++)
        {
            var (share, target) = everything.Targets[i];
            if (only is null || target.Name.Contains(only, StringComparison.OrdinalIgnoreCase))
            {
                reports.Add(await Fuzzing.Run(target, only is null ? inputs * share / 100 : inputs, seed, (uint)i, from));
                done?.Invoke(reports[^1]);
            }
        }

        return reports;
    }
}
