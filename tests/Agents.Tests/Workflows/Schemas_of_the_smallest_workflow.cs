using AgentMcp.Agents.Microagents.SideBySide;
using AgentMcp.Agents.Workflows;

namespace AgentMcp.Agents.Tests.Workflows;

public class Schemas_of_the_smallest_workflow
{
    [Fact]
    public void They_are_those_of_its_types()
    {
        var made = Workflow.Of<SideBySide.Wanted, SideBySide.Given>("side_by_side", "", "1", (_, _) => throw new NotSupportedException());

        Assert.Equal((made.Input, made.Output), (SideBySide.Workflow.Input, SideBySide.Workflow.Output));
    }
}
