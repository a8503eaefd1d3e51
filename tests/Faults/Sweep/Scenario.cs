namespace AgentMcp.Faults.Sweep;

/// <summary>What one errand is about: an agent and what it is given. Drawn from the seed and the errand's number alone.</summary>
/// <param name="Kind">The row of the table.</param>
internal sealed record Scenario(string Kind, string Agent, object Input)
{
    public const string Deploy = "deploybot";
    public const string Chain = "chain of three";
    public const string Children = "children side by side";
    public const string Workflow = "workflow";
    private static readonly string[] Effects = ["look", "put", "post", "write", "push"];

    public static Scenario Draw(Random random, int number)
    {
        string Step() => $"{Effects[random.Next(Effects.Length)]} e{number}.{random.Next(1_000_000)}";
        string Steps(int atLeast, int atMost, params string[] more) =>
            string.Join('\n', Enumerable.Range(0, random.Next(atLeast, atMost + 1)).Select(_ => Step()).Concat(more).OrderBy(_ => random.Next()));
        string Pay() => $"pay e{number}.{random.Next(1_000_000)}";
        string Ask() => $"ask What about e{number}.{random.Next(1_000_000)}?";
        return random.Next(100) switch
        {
            < 11 => new("plain agent", "worker", new { message = Steps(3, 7) }),
            < 17 => new("plain agent, a model asked over HTTP", "thinker", new { message = Flat(Steps(2, 4, Pay()), " ; ") }),
            < 29 => new("approvals", "worker", new { message = Steps(1, 3, Pay(), Pay()) }),
            < 40 => new("questions", "worker", new { message = Steps(1, 3, Ask(), random.Next(3) == 0 ? "wait 1" : Ask()) }),
            < 54 => new(Chain, "chief", new { message = $"{Step()}\nboss {Flat(Step(), " / ")} / worker {Flat(Steps(1, 2, Pay(), Ask()), " ; ")} / {Step()}\n{Step()}" }),
            < 65 => new(Children, "side_by_side", new { calls = Enumerable.Range(0, random.Next(2, 4)).Select(_ => new { agent = "worker", input = new { message = Steps(1, 3, Pay()) } }).ToArray() }),
            < 70 => new("workflow, a tool of another server", "courier", new { item = $"e{number}", script = "" }),
            < 76 => new("workflow, an effect of another server", "mason", new { item = $"e{number}", script = "" }),
            < 83 => new("workflow, an agent of another server", "envoy", new { item = $"e{number}", script = Steps(1, 3, random.Next(2) == 0 ? Pay() : Ask()) }),
            < 91 => new(Workflow, Victim.Errands.Name, new { item = $"e{number}", script = Steps(1, 2, random.Next(2) == 0 ? Pay() : Ask()) }),
            _ => new(Deploy, "deploybot", new { message = "deploy the backend" }),
        };
    }

    private static string Flat(string script, string separator) => script.Replace("\n", separator, StringComparison.Ordinal);
}
