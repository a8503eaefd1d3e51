using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;
using static AgentMcp.Agents.Tests.Bench.Logs;

namespace AgentMcp.Agents.Tests.Prompts;

public sealed class What_has_not_changed_is_not_rendered_again
{
    [Fact]
    public void A_further_step_of_a_thousand_costs_a_part_of_rendering_them_all()
    {
        List<ThreadEvent> log = [Started("""{"message":"count"}""")];
        for (var step = 0; step < 1000; step++)
        {
            Step(log, step);
        }

        var first = Rendered(log);
        Step(log, 1000);
        var second = Rendered(log);

        Assert.True(second * 4 < first, $"It took {first} bytes to render the prompt, and {second} when a step was added.");
    }

    [Fact]
    public async Task While_a_thread_runs_a_prompt_is_the_one_before_and_what_has_happened_since()
    {
        var model = new Reader(300);
        await using var bench = new AgentBench(TestAgents.Clerk(TestAgents.Tool("look", Effect.ReadOnly, _ => "\"two left\"")) with { Limits = new(Steps: 1000) }, model);

        Assert.Equal(ThreadStatus.Completed, (await bench.Start("x")).Thread.Status);

        // The text itself has two bytes a character; what is new, and the schema, takes some thousands. All turns together, for a collection may fall into one.
        var beside = model.Costs.Average(cost => cost.Bytes - (2 * cost.Characters));
        Assert.True(beside < 16_384, $"Beside the text it took {beside:0} bytes a turn.");
        Assert.Equal(301, model.Costs.Count);
    }

    /// <summary>Looks so many times, and notes what its prompts took to make.</summary>
    private sealed class Reader(int times) : IModel
    {
        public string Name => "scripted";

        public List<(long Bytes, int Characters)> Costs { get; } = [];

        public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var characters = turn.Prompt.User.Length;
            Costs.Add((GC.GetAllocatedBytesForCurrentThread() - before, characters));
            return Task.FromResult<ModelReply>(new ModelReply.Said(turn.Log.Thread.Steps < times ? TestAgents.Step("look", $"{turn.Log.Thread.Steps}") : TestAgents.Done));
        }
    }

    private static void Step(List<ThreadEvent> log, int step)
    {
        log.Add(Chose("add", $$"""{"a":{{step}},"b":1}"""));
        var call = log.Count;
        log.AddRange([Began(call), Returned(call, $$"""{"sum":{{step + 1}},"how":"by counting"}""")]);
    }

    private static long Rendered(List<ThreadEvent> log)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = PromptRenderer.Render(TestAgents.Calculator, log);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
