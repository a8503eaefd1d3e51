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
        new("context", "`refetch_after` (how old what was fetched may be after a pause), `summarise_over` (tokens of one result past which it is summarised), `budget` (tokens of the history past which its oldest part is), `keep_last` (events that never are), `summariser` (a model, or `deterministic`)", "5m, never, never, 10, `deterministic`",
            """
            {"type":"object","additionalProperties":false,"properties":{
              "refetch_after":{"type":"string","pattern":"^[0-9.]+[smhd]$"},"summarise_over":{"type":"integer","minimum":50},
              "budget":{"type":"integer","minimum":500},"keep_last":{"type":"integer","minimum":1},"summariser":{"type":"string","minLength":1}}}
            """, Options),
        new("squash", "tools whose results are shown in part, with the members to keep or `standard`: `{ list_issues: [id, title, url] }`", "whole",
            """{"type":"object","additionalProperties":{"type":["string","array"]}}""", Squashed),
        new("cache", "read-only tools whose results may be used again, and for how long: `{ list_git_tags: 5m }`", "never",
            """{"type":"object","additionalProperties":{"type":"string","pattern":"^[0-9.]+[smhd]$"}}""", Cache),
        new("judge", "looks at chosen steps before anything of them begins: `prompt` (a file beside this one), `model`, `applies_to` (intents), `timeout`; see [context](context.md)", "nobody; within it: our prompt, the agent's model, every tool that is not read-only, 30s",
            JudgeFields.Schema, JudgeFields.Read),
    ];

    private static readonly string[] Known = ["refetch_after", "summarise_over", "budget", "keep_last", "summariser"];
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
        if (ServerFields.Covers(agent, wanted.Intent))
        {
            // Whether it only reads is known when its server has been asked.
            return wanted;
        }

        if (agent.FindTool(wanted.Intent) is not { } tool)
        {
            throw matter.Unknown("prefetch", wanted.Intent, $"'{wanted.Intent}' is prefetched but is no tool of this agent", [.. agent.Intents.OfType<Tool>().Where(Facts.MayFetch).Select(one => one.Name)]);
        }

        if (!Facts.MayFetch(tool))
        {
            throw matter.Wrong("prefetch", $"'{tool.Name}' cannot be prefetched: only read-only tools without a gate can, and this one {(tool.Effect == Effect.ReadOnly ? "has a gate" : "may change something")}");
        }

        return !matter.IsShipped && JsonSchemas.Violation(tool.Arguments, wanted.Arguments) is { } violation
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
                "summarise_over" => context with { SummariseOver = Number(matter, name, text, 50) },
                "budget" => context with { Budget = Number(matter, name, text, 500) },
                "keep_last" => context with { KeepLast = Number(matter, name, text, 1) },
                "summariser" => context with { Summariser = text == "deterministic" ? null : text },
                _ => throw matter.Unknown("context", name, $"there is no '{name}'", Known),
            };
        }

        return agent with { Context = context };
    }

    private static Microagent Squashed(Microagent agent, Given given)
    {
        var tools = given.Matter.Map("squash");
        Check(agent, given.Matter, "squash", tools.Keys);
        return agent with
        {
            Context = agent.Context with
            {
                Squash = tools.ToDictionary(tool => tool.Key, tool => (IReadOnlyList<string>?)(tool.Value == "standard" ? null : PeopleFields.Names(given.Matter, "squash", tool.Key, tool.Value))),
            },
        };
    }

    private static Microagent Cache(Microagent agent, Given given)
    {
        var (matter, tools) = (given.Matter, given.Matter.Map("cache"));
        Check(agent, matter, "cache", tools.Keys);
        if (tools.Keys.FirstOrDefault(name => !Facts.MayFetch(agent.FindTool(name)!)) is { } write)
        {
            throw matter.Wrong("cache", $"results of '{write}' cannot be used again: only those of read-only tools without a gate can", write);
        }

        return agent with { Context = agent.Context with { Cache = tools.ToDictionary(tool => tool.Key, tool => Time(matter, "cache", tool.Key, tool.Value)) } };
    }

    private static void Check(Microagent agent, FrontMatter matter, string field, IEnumerable<string> names)
    {
        if (names.FirstOrDefault(name => agent.FindTool(name) is null) is { } stray)
        {
            throw matter.Unknown(field, stray, $"'{stray}' is no tool of this agent", [.. agent.Intents.OfType<Tool>().Select(tool => tool.Name)]);
        }
    }

    private static int Number(FrontMatter matter, string name, string text, int least) => int.TryParse(text, out var value) && value >= least
        ? value
        : throw matter.Wrong("context", $"{name} must be a whole number of at least {least}, not '{text}'", name);

    public static TimeSpan Time(FrontMatter matter, string field, string name, string text) =>
        Duration.TryParse(text, out var time) ? time : throw matter.Wrong(field, $"{name} must be a time such as {Duration.Example}, not '{text}'", name);
}
