using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>What has to be summarised before the next decision, and what a model is asked for it. Pure, but for the prompt, which is a file.</summary>
internal static class Summaries
{
    /// <summary>What a summary by a model begins with.</summary>
    public const string Mark = "[summary]\n";

    /// <summary>The form of a summary, checked like a step.</summary>
    private static readonly Tool Form = new("summarise", "Give the summary.", JsonText.Parse(
        """{"type":"object","properties":{"summary":{"type":"string","minLength":1}},"required":["summary"],"additionalProperties":false}"""),
        Effect.ReadOnly, (_, _) => throw new InvalidOperationException("A summary is read and never run."));

    public static Turn.Shorten? Due(Microagent agent, IReadOnlyList<ThreadEvent> log) => LargeResult(agent.Context, log) ?? LongPast(agent.Context, log);

    /// <summary>The blocks to be summarised, the most tokens a summary may take, and what takes their place without a model.</summary>
    public static (IReadOnlyList<string> Source, int Most, Func<string> Cut) Of(ContextPolicy context, IReadOnlyList<ThreadEvent> log, Turn.Shorten range)
    {
        if (range.From != range.To)
        {
            var (past, few) = (Blocks.Collapsing(log, context, range.From, range.To), context.Budget!.Value / 10);
            return (past, few, () => Shortened.Past(past, few));
        }

        var (intent, whole) = Result(log, range.From)!.Value;
        var (result, most) = (Shown(context, intent, whole), context.SummariseOver!.Value);
        return ([$"<{intent}_result>\n{Yaml.Of(result)}\n</{intent}_result>"], most / 2, () => Shortened.Result(result, most));
    }

    /// <summary>A summary that is no shorter than what it is of is none.</summary>
    public static (string? Text, string? Problem) Read(SideReply reply, IReadOnlyList<string> source)
    {
        var text = reply.Answer?.Element().GetProperty("summary").GetString();
        return text is null ? (null, reply.Problem)
            : Tokens.Count(text) < Tokens.Count(string.Join("\n\n", source)) ? (Mark + text, null)
            : (null, "its summary is no shorter than what it is of");
    }

    public static Microagent As(Microagent agent) => agent with
    {
        Prompt = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Context", "summariser.md")).ReplaceLineEndings("\n").TrimEnd('\n'),
        Model = agent.Context.Summariser,
        Intents = [Form],
        Rules = null,
        Context = new(),
    };

    public static Prompt Prompt(Microagent summariser, ContextPolicy context, IReadOnlyList<ThreadEvent> log, Turn.Shorten range)
    {
        var (blocks, most, _) = Of(context, log, range);
        var schema = StepSchema.Of([Form]);
        return new(summariser.Prompt, $"""
            {string.Join("\n\n", blocks)}

            Summarise this in at most {most} tokens. Reply with exactly one JSON object and nothing else. It must match this JSON Schema:
            {schema}
            """.ReplaceLineEndings("\n"), schema);
    }

    // Only what came since the last decision can be new, and a crash in between leaves it just there.
    private static Turn.Shorten? LargeResult(ContextPolicy context, IReadOnlyList<ThreadEvent> log)
    {
        var done = new HashSet<int>();
        for (var version = log.Count; version > 0 && context.SummariseOver is { } over && log[version - 1] is not StepChosen; version--)
        {
            if (log[version - 1] is Summarised { From: var from } summary && from == summary.To)
            {
                done.Add(from);
            }
            else if (Result(log, version) is var (intent, result) && !done.Contains(version) && Exceeds(Shown(context, intent, result).Text, over))
            {
                return new(version, version);
            }
        }

        return null;
    }

    private static Turn.Shorten? LongPast(ContextPolicy context, IReadOnlyList<ThreadEvent> log)
    {
        if (context.Budget is not { } budget)
        {
            return null;
        }

        var last = log.OfType<Summarised>().LastOrDefault(summary => summary.From != summary.To);
        var to = End(log, context.KeepLast);
        if (to <= (last?.To ?? 2) || !Exceeds(string.Join("\n\n", Blocks.Of(log, context)), budget))
        {
            return null;
        }

        // A summary of next to nothing costs more than it saves, at every step anew.
        var range = new Turn.Shorten(2, to);
        return Tokens.Count(string.Join("\n\n", Blocks.Collapsing(log, context, range.From, range.To))) - Tokens.Count(last?.Text ?? "") >= Math.Max(1, budget / 10) ? range : null;
    }

    /// <summary>The last version before which every call had ended, with at least this many events after it.</summary>
    private static int End(IReadOnlyList<ThreadEvent> log, int keep)
    {
        var end = Math.Max(0, log.Count - keep);
        while (end > 0 && (end == log.Count || log[end] is not (StepChosen or StepRejected)))
        {
            end--;
        }

        return end;
    }

    private static (string Intent, JsonText Result)? Result(IReadOnlyList<ThreadEvent> log, int version) => log[version - 1] switch
    {
        ToolReturned e => (((StepChosen)log[e.Call.Version - 1]).Intent, e.Result),
        Fetched { Result: { } result } e => (e.Intent, result),
        _ => null,
    };

    /// <summary>A result as far as its tool's results are shown at all.</summary>
    public static JsonText Shown(ContextPolicy context, string intent, JsonText result) =>
        context.Squash.TryGetValue(intent, out var keep) ? Squash.Of(result, keep) : result;

    // A text has at most as many tokens as bytes, and counting them is not free.
    private static bool Exceeds(string text, int tokens) => (text.Length * 3 > tokens) && Tokens.Count(text) > tokens;
}
