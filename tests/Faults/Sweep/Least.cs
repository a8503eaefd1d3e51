namespace AgentMcp.Faults.Sweep;

/// <summary>
/// A sweep that hits nothing finds nothing. How the processes interleave is up to the machine, so what is asked for is far
/// below what a seed brings on a busy one.
/// </summary>
internal static class Least
{
    /// <summary>The sweep that the numbers are for; a longer one has to bring as much more.</summary>
    public const int Kills = 60;

    public static readonly (string Table, string? Row, string? Column, int Times)[] Counts =
    [
        (Toll.Aimed, Plan.AtStatement, Toll.Hit, 4),
        (Toll.Aimed, Plan.AroundEffect, Toll.Hit, 1),
        (Toll.Kills, Plan.Migrating, null, 1),
        (Toll.Kills, null, nameof(Transport.Stdio), 10),
        (Toll.Kills, null, nameof(Transport.Http), 5),
        (Toll.Kills, null, Toll.TheOther, 1),
        (Toll.CutOffAfter, "tool_started", null, 10),
        (Toll.CutOffOf, Scenario.Chain, null, 1),
        (Toll.CutOffOf, Scenario.Workflow, null, 1),
        (Toll.Doubts, null, null, 5),
        (Toll.Fresh, Toll.KnownThread, null, 10),
        (Toll.Started, Scenario.Chain, null, 2),
        (Toll.Started, Scenario.Children, null, 2),
        (Toll.Started, Scenario.Workflow, null, 2),
        (Archive.Heard, Archive.Versions, Archive.Compared, 100),
        (Archive.Heard, Archive.Answers, Archive.Compared, 20),
        (Archive.ReadAgain, Archive.Here, null, 1000),
        (Archive.ReadAgain, Archive.There, null, 10),
    ];

    /// <summary>What there was too little of.</summary>
    public static IEnumerable<string> Missing(Tally tally, int kills)
    {
        foreach (var (table, row, column, times) in Counts)
        {
            if (tally.Of(table, row, column) is var came && times * kills / Kills is var least && came < least)
            {
                yield return $"{Name(table, row, column)}: {came}, and at least {least} are needed";
            }
        }

        foreach (var what in new[] { Archive.Versions, Archive.Answers })
        {
            if ((tally.Of(Archive.Heard, what, Archive.Said), tally.Of(Archive.Heard, what, Archive.Compared)) is var (heard, compared) && heard != compared)
            {
                yield return $"{Name(Archive.Heard, what, Archive.Compared)}: {compared}, and {heard} were heard";
            }
        }
    }

    private static string Name(params string?[] parts) => string.Join(", ", parts.Where(part => part is not null));
}
