using System.Text.RegularExpressions;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Files;

/// <summary>Reads <c>*.agent.md</c>: what an agent is in the front matter, its prompt below. Fields: docs/agents.md.</summary>
public static partial class AgentFile
{
    private static readonly string[] Fields =
        ["name", "description", "input", "output", "model", "tools", "gates", "limits", "answerable_by", "people", "channels", "changes"];

    /// <param name="tools">The tools the file may name, agents among them, beside the standard intents.</param>
    /// <exception cref="AgentFileException">The file cannot be used; the message gives file, line and reason.</exception>
    public static Microagent Read(string path, IReadOnlyDictionary<string, Tool> tools, Rules? rules = null) =>
        Parse(path, File.ReadAllText(path), tools, rules);

    /// <summary>What others must know of an agent to call it, and the tools it names; nothing of these has been looked at.</summary>
    /// <exception cref="AgentFileException">Already this much cannot be used.</exception>
    internal static (Tool Tool, IReadOnlyList<string> Names, Func<string, AgentFileException> Wrong) Head(string path, string text)
    {
        var matter = FrontMatter.Parse(path, text);
        matter.AllowOnly(Fields);
        return (AgentAsTool.Of(matter.Required("name"), matter.Required("description"), Schema(matter, "input") ?? Microagent.MessageSchema),
            matter.List("tools"), reason => matter.Wrong("tools", reason));
    }

    /// <inheritdoc cref="Read"/>
    public static Microagent Parse(string path, string text, IReadOnlyDictionary<string, Tool> tools, Rules? rules = null)
    {
        var matter = FrontMatter.Parse(path, text);
        matter.AllowOnly(Fields);
        var name = matter.Required("name");
        if (!Name().IsMatch(name))
        {
            throw matter.Wrong("name", $"the name '{name}' cannot be a tool name: use letters, digits, _ and -, at most 64");
        }

        var output = Schema(matter, "output") ?? Microagent.MessageSchema;
        var description = matter.Required("description");
        return new(name, description, Schema(matter, "input") ?? Microagent.MessageSchema, output,
            Template.Fill(matter, new() { ["agent"] = name, ["description"] = description }),
            Intents(matter, tools, output), LimitsOf(matter), PeopleFields.Agent(matter), matter.Text("model"), rules);
    }

    private static JsonText? Schema(FrontMatter matter, string field)
    {
        if (matter.Json(field) is not { } schema)
        {
            return null;
        }

        var problem = JsonSchemas.Problem(schema)
            ?? (schema.Element().TryGetProperty("type", out var type) && type.ValueEquals("object") ? null : "its type must be object");
        return problem is null ? schema : throw matter.Wrong(field, $"{field} is no usable JSON Schema: {problem}");
    }

    private static List<Intent> Intents(FrontMatter matter, IReadOnlyDictionary<string, Tool> tools, JsonText output)
    {
        var standard = StandardIntents.All(output);
        var gates = matter.Map("gates");
        var names = matter.List("tools");
        var intents = names.Select(name => standard.FirstOrDefault(intent => intent.Name == name)
            ?? (tools.TryGetValue(name, out var tool) ? Gated(matter, tool, gates) : throw matter.Wrong("tools",
                $"unknown tool '{name}'; there are {string.Join(", ", standard.Select(intent => intent.Name).Concat(tools.Keys.Order(StringComparer.Ordinal)))}"))).ToList();
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw matter.Wrong("tools", $"'{twice.Key}' is listed twice");
        }

        if (intents.FirstOrDefault(intent => intent is Done && intent.Arguments != output) is { } end)
        {
            throw matter.Wrong("tools", $"'{end.Name}' ends with a message, which is not the output of this agent; leave one of the two out");
        }

        if (gates.Keys.FirstOrDefault(gate => intents.All(intent => intent.Name != gate || intent is not Tool)) is { } stray)
        {
            throw matter.Wrong("gates", $"'{stray}' has a gate but is no tool of this agent");
        }

        intents = PeopleFields.Apply(matter, intents);
        return intents.Any(intent => intent is Done) ? intents : [.. intents, StandardIntents.DoneForNow(output)];
    }

    private static Tool Gated(FrontMatter matter, Tool tool, IReadOnlyDictionary<string, string> gates) =>
        !gates.TryGetValue(tool.Name, out var gate) ? tool : tool with
        {
            Route = gate switch
            {
                "none" => Route.Run,
                "approval" or "human" => Route.Approve,
                "delegate" => Route.Delegate,
                "dry_run" => Route.DryRun,
                _ => throw matter.Wrong("gates", $"the gate of {tool.Name} must be none, approval, human, delegate or dry_run, not '{gate}'"),
            },
            AnswerableBy = gate == "human" ? AnswerableBy.Human : tool.AnswerableBy,
        };

    private static Limits LimitsOf(FrontMatter matter)
    {
        var limits = new Limits();
        foreach (var (name, text) in matter.Map("limits"))
        {
            if (!int.TryParse(text, out var value) || value < 1)
            {
                throw matter.Wrong("limits", $"{name} must be a whole number of at least 1, not '{text}'");
            }

            limits = name switch
            {
                "steps" => limits with { Steps = value },
                "errors_in_row" => limits with { ErrorsInRow = value },
                "tokens" => limits with { Tokens = value },
                "tool_output" => limits with { ToolOutput = value },
                "depth" => limits with { Depth = value },
                _ => throw matter.Wrong("limits", $"there is no limit '{name}'; there are steps, errors_in_row, tokens, tool_output and depth"),
            };
        }

        return limits;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex Name();
}
