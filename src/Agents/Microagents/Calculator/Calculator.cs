using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Calculator;

/// <summary>The tools of the smallest example. Dividing needs approval, so that one gate can be seen at work.</summary>
public static class Calculator
{
    public static IReadOnlyList<Tool> Tools { get; } =
    [
        MethodTool.Of("add", "Add b to a.", Effect.ReadOnly, (double a, double b) => a + b) with { IsPure = true },
        MethodTool.Of("subtract", "Subtract b from a.", Effect.ReadOnly, (double a, double b) => a - b) with { IsPure = true },
        MethodTool.Of("multiply", "Multiply a by b.", Effect.ReadOnly, (double a, double b) => a * b) with { IsPure = true },
        MethodTool.Of("divide", "Divide a by b.", Effect.ReadOnly, Divide) with { Route = Route.Approve, IsPure = true },
    ];

    private static double Divide(double a, double b) =>
        b == 0 ? throw new ToolException("nothing can be divided by 0; ask for another divisor") : a / b;
}
