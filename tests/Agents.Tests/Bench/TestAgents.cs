using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>The agents the tests run: the shipped calculator, and a clerk whose every effect is counted.</summary>
internal static class TestAgents
{
    public static Microagent Calculator { get; } = AgentFile.Read(
        Path.Combine(AppContext.BaseDirectory, "Microagents", "Calculator", "calculator.agent.md"),
        Microagents.Calculator.Calculator.Tools.ToDictionary(tool => tool.Name), CalculatorRules.Next);

    public const string Done = """{"intent":"done_for_now","message":"done"}""";

    public static JsonText NoArguments { get; } = JsonText.Parse("""{"type":"object","properties":{},"additionalProperties":false}""");

    public static JsonText OneItem { get; } = JsonText.Parse(
        """{"type":"object","properties":{"item":{"type":"string"}},"required":["item"],"additionalProperties":false}""");

    /// <summary>An agent with these tools, and with every standard intent.</summary>
    public static Microagent Clerk(params Tool[] tools) => new(
        "clerk", "Does as it is told.", Microagent.MessageSchema, Microagent.MessageSchema, "You are clerk.",
        [.. tools, .. StandardIntents.All(Microagent.MessageSchema)], new Limits());

    public static Tool Tool(string name, Effect effect, Func<ToolCall, CancellationToken, Task<ToolOutcome>> run) =>
        new(name, $"Does {name}.", OneItem, effect, run);

    public static Tool Tool(string name, Effect effect, Func<ToolCall, string> run) =>
        Tool(name, effect, (call, _) => Task.FromResult<ToolOutcome>(new ToolOutcome.Returned(JsonText.Parse(run(call)))));

    public static string Step(string intent, string item) => $$"""{"intent":"{{intent}}","item":"{{item}}"}""";

    public static Tool Gated(this Tool tool) => tool with { Route = Route.Approve };
}
