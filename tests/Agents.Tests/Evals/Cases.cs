using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Evals;

/// <summary>Threads as cases, by way of the file they would be kept in.</summary>
internal static class Cases
{
    public static Case Of(AgentBench bench, ThreadLog log, bool asEval = false) =>
        Parse(Text(bench, log, asEval));

    public static string Text(AgentBench bench, ThreadLog log, bool asEval = false) =>
        CaseFile.Write(Recorder.Record(log, bench.Host.DefinitionOf(log.Thread)!.Value, bench.Agents[0], asEval));

    public static Case Parse(string text) => CaseFile.Parse("a.json", text);

    public static Task<Replayed> Replay(Case recorded, Microagent today) => Agents.Evals.Replay.Run(recorded, recorded.Player(today)!, today);

    /// <summary>Runs it again and finds the same log, event by event, and the same prompts.</summary>
    public static async Task Repeats(AgentBench bench, ThreadLog log)
    {
        var recorded = Of(bench, log);
        var replayed = await Replay(recorded, bench.Agents[0]);
        Assert.Null(replayed.Difference);
        Assert.Null(replayed.Prompt);
        Assert.Equal(Told.Of(log), Told.Of(replayed.Log!));
        Assert.Equal(0, replayed.Failed);
    }
}
