using System.Runtime.CompilerServices;
using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// The prompts of a thread while it runs: each is the one before and what has happened since, unless that changes what is
/// shown of what was before. Thread-safe.
/// </summary>
internal sealed class GrowingPrompt(Microagent agent)
{
    private static readonly ConditionalWeakTable<string, string> Questions = [];
    private readonly Lock _lock = new();
    private LogFacts? _facts;
    private string _text = "";
    private int _told;

    /// <summary>The same as if no prompt had been before.</summary>
    /// <param name="log">Most often the one before, with more.</param>
    public Prompt Render(IReadOnlyList<ThreadEvent> log)
    {
        var schema = StepSchema.Of(agent);
        var question = Questions.GetValue(schema.Text, _ => $"""


            What is the next step? Reply with exactly one JSON object and nothing else. It must match this JSON Schema:
            {Yaml.InertJson(schema)}
            """.ReplaceLineEndings("\n"));
        lock (_lock)
        {
            // What fails half-way is not gone on from.
            var facts = _facts is { } before && before.IsBefore(log) ? before : new();
            _facts = null;
            var known = facts.Count;
            var told = facts.Add(log) && known > 0 ? _text.AsSpan(0, _told) : [];
            var said = string.Join("\n\n", Blocks.Of(facts, log, agent.Context, told.Length > 0 ? known + 1 : 1)).ReplaceLineEndings("\n");
            _text = string.Concat(told, told.Length > 0 && said.Length > 0 ? "\n\n" : "", said, question);
            (_facts, _told) = (facts, _text.Length - question.Length);
            return new(agent.Prompt, _text, schema);
        }
    }
}
