using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Files;

/// <summary>The fields <c>tools</c> and <c>gates</c>: what an agent may choose, and what policy makes of it.</summary>
internal static class ToolFields
{
    public const string GateSchema = """{"type":"object","additionalProperties":{"enum":["none","approval","human","delegate","dry_run"]}}""";

    private static readonly string[] GateNames = ["none", "approval", "human", "delegate", "dry_run"];

    public static Microagent Tools(Microagent agent, Given given)
    {
        var matter = given.Matter;
        var standard = StandardIntents.All(agent.Output);
        var names = matter.List("tools");
        List<Intent> intents = [.. names.Select(name => standard.FirstOrDefault(intent => intent.Name == name)
            ?? (given.Tools.TryGetValue(name, out var tool) ? tool : ServerFields.Of(name))
            ?? (given.Broken?.Contains(name) == true ? throw matter.Wrong("tools", $"the agent '{name}' cannot be used; mend its own file first", name)
            : throw matter.Unknown("tools", name, $"unknown tool '{name}'",
                [.. standard.Select(intent => intent.Name), .. given.Tools.Keys.Order(StringComparer.Ordinal)])))];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw matter.Wrong("tools", $"'{twice.Key}' is listed twice", twice.Key);
        }

        if (intents.FirstOrDefault(intent => intent is Done && intent.Arguments != agent.Output) is { } end)
        {
            throw matter.Wrong("tools", $"'{end.Name}' ends with a message, which is not the output of this agent; leave one of the two out", end.Name);
        }

        return agent with { Intents = intents };
    }

    public static Microagent Gates(Microagent agent, Given given)
    {
        var gates = given.Matter.Map("gates");
        if (gates.Keys.FirstOrDefault(gate => agent.FindTool(gate) is null && !ServerFields.Covers(agent, gate)) is { } stray)
        {
            throw given.Matter.Unknown("gates", stray, $"'{stray}' has a gate but is no tool of this agent", [.. agent.Intents.OfType<Tool>().Select(tool => tool.Name)]);
        }

        agent = agent with { Intents = [.. agent.Intents.Select(intent => intent is Tool tool && gates.TryGetValue(tool.Name, out var gate) ? Gate(given.Matter, tool.Name, gate)(tool) : intent)] };
        return gates.Aggregate(agent, (changed, gate) => ServerFields.Change(changed, gate.Key, Gate(given.Matter, gate.Key, gate.Value)));
    }

    private static Func<Tool, Tool> Gate(FrontMatter matter, string name, string gate)
    {
        var route = gate switch
        {
            "none" => Route.Run,
            "approval" or "human" => Route.Approve,
            "delegate" => Route.Delegate,
            "dry_run" => Route.DryRun,
            _ => throw matter.Wrong("gates", $"the gate of {name} must be none, approval, human, delegate or dry_run, not '{gate}'", name, Nearest.To(gate, GateNames)),
        };
        return tool => tool with { Route = route, AnswerableBy = gate == "human" ? State.Threads.AnswerableBy.Human : tool.AnswerableBy };
    }
}
