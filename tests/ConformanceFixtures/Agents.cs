using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;

namespace AgentMcp.ConformanceFixtures;

/// <summary>
/// What the suite calls task-supporting tools are agents here: their tasks are threads in the log, like anybody's.
/// </summary>
internal static class Agents
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5);

    public static IEnumerable<Microagent> All()
    {
        yield return Workflow.Of<Computation, Text>("slow_compute", "Sleeps for some seconds.", "1", async (run, asked) =>
        {
            if (asked.Seconds > 0)
            {
                await run.Sleep(TimeSpan.FromSeconds(asked.Seconds));
            }

            return new($"{asked.Label}: {asked.Seconds} s");
        });
        yield return Workflow.Of<Nothing, Text>("failing_job", "Sleeps for a moment and fails.", "1", async (run, _) =>
        {
            await run.Sleep(Moment);
            await run.Step("fail", Effect.ReadOnly, (_, _) => throw new InvalidOperationException("This job always fails."), attempts: 1);
            return new("It did not fail.");
        });
        yield return Workflow.Of<Deletion, Text>("confirm_delete", "Asks before it deletes.", "1", async (run, asked) =>
            new((await run.Ask<Confirmed>($"Delete {asked.Filename}?")).Confirm ? $"{asked.Filename} is deleted." : $"{asked.Filename} stays."));
        yield return Workflow.Of<Nothing, Text>("multi_input", "Asks two things at once.", "1", async (run, _) =>
            new(string.Join(" and ", (await run.All(() => run.Ask<Named>("Who is the first?"), () => run.Ask<Named>("Who is the second?"))).Select(named => named.Name))));
        yield return Workflow.Of<Nothing, Text>("protocol_error_job", "Lets its own log be written by what might be a later release.", "1", async (run, _) =>
        {
            // There is a task by then, so that it is the task that fails.
            await run.Sleep(3 * Moment);
            await run.Step("write", Effect.ReadOnly, (_, _) => Task.FromResult(LaterRelease.Write(run.Thread.Value)));
            return new("It was read nevertheless.");
        });
        yield return Workflow.Of<Nothing, Text>("test_tool_with_task", "Asks for a name and takes its time.", "1", async (run, _) =>
        {
            var named = await run.Ask<Named>("What is your name?");
            await run.Sleep(8 * Moment);
            return new($"Hello, {named.Name}!");
        });
    }

    internal sealed record Nothing;

    internal sealed record Computation(double Seconds, string Label);

    internal sealed record Deletion(string Filename);

    internal sealed record Confirmed(bool Confirm);

    internal sealed record Named(string Name);

    internal sealed record Text(string Said);
}
