using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
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
