using System.Text.Json;
using AgentMcp.Agents.Context;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Files;

/// <summary>The fields of an agent file about what its model is shown; docs/context.md tells of each at length.</summary>
internal static class ContextFields
{
    public static IReadOnlyList<Field> All { get; } =
    [
        new("prefetch", "read-only tools that are asked before the first decision, with their arguments: `[{ list_git_commits: { limit: 20 } }]`; see [context](context.md)", "none",
            """{"type":"array","items":{"type":["string","object"]}}""", Prefetch),
        new("context", "`refetch_after` (how old what was fetched may be after a pause)", "5m",
            """{"type":"object","additionalProperties":false,"properties":{"refetch_after":{"type":"string","pattern":"^[0-9.]+[smhd]$"}}}""", Options),
        new("judge", "looks at chosen steps before anything of them begins: `prompt` (a file beside this one), `model`, `applies_to` (intents), `timeout`; see [context](context.md)", "nobody; within it: our prompt, the agent's model, every tool that is not read-only, 30s",
            JudgeFields.Schema, JudgeFields.Read),
    ];

    private static readonly string[] Known = ["refetch_after"];
    private static readonly JsonText None = JsonText.Parse("{}");

    private static Microagent Prefetch(Microagent agent, Given given)
    {
        var matter = given.Matter;
        var list = matter.Json("prefetch")!.Value.Element();
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw matter.Wrong("prefetch", "prefetch must be a list, such as [{ list_git_commits: { limit: 20 } }]");
        }

        return agent with { Context = agent.Context with { Prefetch = [.. list.EnumerateArray().Select(Wanted).Select(wanted => Checked(matter, agent, wanted))] } };

        Prefetch Wanted(JsonElement item) => item.ValueKind switch
        {
            JsonValueKind.String => new(item.GetString()!, None),
            JsonValueKind.Object when item.EnumerateObject().ToList() is [{ Name: var tool, Value: var arguments }] =>
                new(tool, arguments.ValueKind == JsonValueKind.Null ? None : JsonText.From(arguments)),
            _ => throw matter.Wrong("prefetch", "each item of prefetch is one tool with its arguments, such as { list_git_commits: { limit: 20 } }"),
        };
    }

    private static Prefetch Checked(FrontMatter matter, Microagent agent, Prefetch wanted)
    {
        if (agent.FindTool(wanted.Intent) is not { } tool)
        {
            throw matter.Unknown("prefetch", wanted.Intent, $"'{wanted.Intent}' is prefetched but is no tool of this agent", [.. agent.Intents.OfType<Tool>().Where(Facts.MayFetch).Select(one => one.Name)]);
        }

        if (!Facts.MayFetch(tool))
        {
            throw matter.Wrong("prefetch", $"'{tool.Name}' cannot be prefetched: only read-only tools without a gate can, and this one {(tool.Effect == Effect.ReadOnly ? "has a gate" : "may change something")}");
        }

        return JsonSchemas.Violation(tool.Arguments, wanted.Arguments) is { } violation
            ? throw matter.Wrong("prefetch", $"the arguments do not fit {tool.Name}: {violation}")
            : wanted;
    }

    private static Microagent Options(Microagent agent, Given given)
    {
        var (matter, context) = (given.Matter, agent.Context);
        foreach (var (name, text) in matter.Map("context"))
        {
            context = name switch
            {
                "refetch_after" => context with { RefetchAfter = Time(matter, "context", name, text) },
                _ => throw matter.Unknown("context", name, $"there is no '{name}'", Known),
            };
        }

        return agent with { Context = context };
    }

    public static TimeSpan Time(FrontMatter matter, string field, string name, string text) =>
        Duration.TryParse(text, out var time) ? time : throw matter.Wrong(field, $"{name} must be a time such as {Duration.Example}, not '{text}'", name);
}
