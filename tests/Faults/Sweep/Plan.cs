namespace AgentMcp.Faults.Sweep;

/// <summary>How one process is to die. Drawn from the seed alone.</summary>
/// <param name="Kind">The row of the table.</param>
/// <param name="Die">Where it kills itself; null when it is killed from outside.</param>
/// <param name="Seconds">When it is killed at the latest, from its start.</param>
/// <param name="Beats">After how many things that were seen to happen; null when only the time counts.</param>
internal sealed record Plan(string Kind, Transport Transport, string? Die, double Seconds, int? Beats)
{
    public const string Migrating = "while migrating";
    public const string AtStatement = "at a statement";
    public const string AroundEffect = "around an effect";
    private const double Longest = 12;

    // What a thread's life is made of, as the database sees it. "before COMMIT" loses what was written, "after COMMIT"
    // keeps it without anyone having been told.
    private static readonly string[] Statements =
        ["before COMMIT", "after COMMIT", "before INSERT INTO events", "after INSERT INTO events", "before INSERT INTO leases", "after INSERT INTO leases", "before DELETE FROM leases", "before statement"];

    public static Plan Draw(Random random, int slot, int generation)
    {
        var transport = slot % 2 == 0 ? Transport.Stdio : Transport.Http;
        return random.Next(100) switch
        {
            < 12 => new(generation == 1 ? "while starting" : "while starting, right after a kill", transport, $"before statement {random.Next(1, 25)}", Longest, null),
            < 20 => new("at any time", transport, null, random.NextDouble() * 3, null),
            < 45 => new("after so many things", transport, null, Longest, random.Next(1, 60)),
            < 80 => new(AtStatement, transport, $"{Statements[random.Next(Statements.Length)]} {random.Next(1, 60)}", Longest, null),
            _ => new(AroundEffect, transport, $"{(random.Next(2) == 0 ? "before" : "after")} effect {random.Next(1, 8)}", Longest, null),
        };
    }

    /// <summary>Of a process that finds a database of the first version there ever was.</summary>
    public static Plan DrawMigrating(Random random, int number) =>
        new(Migrating, number % 2 == 0 ? Transport.Stdio : Transport.Http, $"before statement {random.Next(1, 90)}", Longest, null);

    public override string ToString() => $"{Transport}, {Kind}: {Die ?? (Beats is { } beats ? $"after {beats} things" : FormattableString.Invariant($"after {Seconds:0.00} s"))}";
}
