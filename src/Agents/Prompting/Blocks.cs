using System.Runtime.CompilerServices;
using AgentMcp.Agents.Context;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// The log as the blocks of a prompt. Stored is not rendered: envelopes, ids and what was resolved stay out. Pure.
/// </summary>
public static class Blocks
{
    private static readonly ContextPolicy Plain = new();

    // Events stay as they are, and so does what is shown of their JSON: it is kept with its text, for as long as its log is.
    private static readonly ConditionalWeakTable<string, string> Rendered = [];

    public static IReadOnlyList<string> Of(IReadOnlyList<ThreadEvent> log, ContextPolicy? context = null) =>
        [.. Of(LogFacts.Of(log), log, context ?? Plain)];

    /// <summary>The blocks of what has happened from a version on.</summary>
    internal static IEnumerable<string> Of(LogFacts facts, IReadOnlyList<ThreadEvent> log, ContextPolicy context, int from = 1) =>
        All(facts, log, context, from).Select(block => block.Text);

    /// <summary>The blocks whose place a summary of these versions would take, the summary before it among them.</summary>
    internal static IReadOnlyList<string> Collapsing(IReadOnlyList<ThreadEvent> log, ContextPolicy context, int from, int to) =>
        [.. All(LogFacts.Of(log), log, context).Where(block => block.Version >= from && block.Version <= to && !block.Stays).Select(block => block.Text)];

    private static IEnumerable<(int Version, bool Stays, string Text)> All(LogFacts facts, IReadOnlyList<ThreadEvent> log, ContextPolicy context, int from = 1)
    {
        for (var version = from; version <= log.Count; version++)
        {
            if (facts.Past is { } past && past.From == version && Show(Summary("summary", past.Text), context) is { } summary)
            {
                yield return (version, false, summary);
            }

            if (!facts.IsHidden(version))
            {
                foreach (var text in Render(log[version - 1], version, facts, context).Select(block => Show(block, context)).OfType<string>())
                {
                    yield return (version, facts.Stays(version), text);
                }
            }
        }
    }

    private static string? Show(Block block, ContextPolicy context) =>
        !context.Renderers.TryGetValue(block.Tag, out var other) ? $"<{block.Tag}>\n{block.Body}\n</{block.Tag}>"
        : other(block) is { } body ? $"<{block.Tag}>\n{Yaml.Inert(body)}\n</{block.Tag}>"
        : null;

    private static Block[] Render(ThreadEvent happened, int version, LogFacts facts, ContextPolicy context) => happened switch
    {
        ThreadStarted e => [Stored(e.Trigger, e.Input)],
        MessageReceived e => [Value("message_received", Message(e.Message))],
        StepChosen e => [Stored(e.Intent, e.Arguments)],
        ToolReturned e => [Result(version, facts.Intent(e.Call), e.Result, facts, context)],
        ToolFailed or StepRejected => [Error(happened, version, facts)],
        // What a tool passed on is between it and whoever answered.
        RequestAnswered e when facts.Request(e.Request).Relay is not null => [],
        RequestExpired e when facts.Request(e.Request).Relay is not null => [],
        // On which version of itself it goes on is nothing to the agent.
        RequestAnswered or RequestExpired when facts.IsAboutAgent(happened) => [],
        RequestAnswered e => Answer(e, facts) is { } answer ? [answer] : [],
        Fetched { Result: { } result } e => [Stored(e.Intent, e.Arguments), Result(version, e.Intent, result, facts, context)],
        Fetched e => [Words("error", $"{e.Intent} failed", e.Error ?? "")],
        StepJudged { Verdict: Verdict.Fail } e => [Words("judge_feedback", $"{facts.Intent(e.Call)} was not run", e.Reason)],
        RequestExpired e => [Value("human_response", Expired(facts.Request(e.Request), facts.AskedBy(e.Request)))],
        SleepEnded e => [Value(facts.AskedBy(e.Request) + "_result", JsonText.Of("the wait is over"))],
        // Only what happened in the conversation is told; how the run was kept is not.
        ToolStarted or RequestOpened or RequestWithdrawn or AnswerRefused or DeliveryFailed or ThreadCompleted or ThreadFailed or ThreadCancelled or ThreadForked
            or ThreadParked or StepJudged or Summarised or DefinitionChanged => [],
        _ => throw new InvalidOperationException($"There is no rendering of {happened.GetType().Name}."),
    };

    private static Block Value(string tag, JsonText content) => new(tag, content, Yaml.Of(content));

    private static Block Stored(string tag, JsonText content) => new(tag, content, Rendered.GetValue(content.Text, _ => Yaml.Of(content)));

    private static Block Words(string tag, string about, string text)
    {
        var words = Yaml.Inert(text).ReplaceLineEndings("\n").TrimEnd();
        return new(tag, JsonText.Of($"{about}: {text}"), words.Contains('\n') ? $"{about}:\n{MovedIn(words)}" : $"{about}: {words}");
    }

    // What a model wrote; what was cut has the form of what it was cut from.
    private static Block Summary(string tag, string text) => new(tag, JsonText.Of(text),
        text.StartsWith(Summaries.Mark, StringComparison.Ordinal) ? Summaries.Mark + MovedIn(Yaml.Inert(text[Summaries.Mark.Length..])) : Yaml.Inert(text));

    // So that no line of foreign words stands where ours do.
    private static string MovedIn(string words) => string.Join('\n', words.ReplaceLineEndings("\n").Split('\n').Select(line => line.Length == 0 ? "" : "  " + line));

    private static Block Result(int version, string intent, JsonText result, LogFacts facts, ContextPolicy context) =>
        facts.Shortened(version) is { } text ? Summary(intent + "_result", text) : Stored(intent + "_result", Summaries.Shown(context, intent, result));

    private static JsonText Message(JsonText message) =>
        message.AsString() is { } text ? Fields(("message", JsonText.Of(text))) : message;

    private static Block Error(ThreadEvent failed, int version, LogFacts facts)
    {
        var (what, message) = failed switch
        {
            ToolFailed e => ($"{facts.Intent(e.Call)} failed", e.Error),
            StepRejected e => ("The step was rejected", e.Reason),
            _ => throw new InvalidOperationException(failed.GetType().Name),
        };
        var times = facts.Repetitions(version);
        return Words("error", times == 1 ? what : $"{what} {times} times. The last time", message);
    }

    private static Block? Answer(RequestAnswered answer, LogFacts facts)
    {
        var asked = facts.Request(answer.Request);
        var comment = string.IsNullOrWhiteSpace(answer.Comment) ? null : answer.Comment;
        JsonText? response = asked.Kind switch
        {
            // The step and the result it brought speak for themselves.
            RequestKind.NextStep or RequestKind.ExternalResult => null,
            RequestKind.Sleep => Said(answer) ?? JsonText.Of("woken before the wait was over"),
            RequestKind.Approval when answer.Approved == false => JsonText.Of($"{asked.Action!.Tool} denied: {Feedback(asked, answer, comment)}"),
            RequestKind.Approval when answer.Arguments is { } changed => changed,
            RequestKind.InDoubt => JsonText.Of($"about {facts.AskedBy(answer.Request)}, which was cut off: {InDoubt(answer)}"),
            _ => Said(answer),
        };
        return asked.Kind == RequestKind.NextStep || (response is null && comment is null && asked.Kind != RequestKind.Approval)
            ? null
            : Value("human_response", Fields(
                ("approved", asked.Kind == RequestKind.Approval ? JsonText.Of(answer.Approved == true) : null),
                (answer.Arguments is null ? "response" : "approved_with_changes", response),
                ("comment", comment is not null && (asked.Kind != RequestKind.Approval || answer.Arguments is not null) && response != JsonText.Of(comment) ? JsonText.Of(comment) : null),
                ("user", JsonText.Of(answer.By))));
    }

    private static string Feedback(RequestOpened asked, RequestAnswered answer, string? comment)
    {
        var reason = asked.Options?.FirstOrDefault(option => option.Name == answer.Response?.AsString());
        var prepared = reason?.PromptFill ?? reason?.Title ?? reason?.Name;
        return string.Join(' ', new[] { prepared, comment }.OfType<string>()) is { Length: > 0 } said ? said : "no comment given";
    }

    private static JsonText? Said(RequestAnswered answer) => answer.Response is { IsNull: false } response ? response
        : string.IsNullOrWhiteSpace(answer.Comment) ? null : JsonText.Of(answer.Comment);

    private static string InDoubt(RequestAnswered answer) => InDoubtAnswer.Of(answer.Response) switch
    {
        InDoubtAnswer.RunAgain => "run it again",
        InDoubtAnswer.Skip => "leave it, it is not run",
        _ => "it happened",
    };

    private static JsonText Expired(RequestOpened asked, string? intent) => asked.Kind switch
    {
        RequestKind.Approval => Fields(("approved", JsonText.Of(false)), ("response", JsonText.Of($"{intent} denied: nobody answered before it expired"))),
        // Of older logs: a doubt expires no more.
        RequestKind.InDoubt => Fields(("response", JsonText.Of(
            $"about {intent}, which was cut off: it may have happened, and nobody said whether it did before the request expired. Do not start it again unless that is known to be harmless."))),
        _ => Fields(("response", JsonText.Of("nobody answered before the request expired"))),
    };

    private static JsonText Fields(params ReadOnlySpan<(string Name, JsonText? Value)> fields)
    {
        var given = fields.ToArray().Where(field => field.Value is not null).ToList();
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            given.ForEach(field =>
            {
                writer.WritePropertyName(field.Name);
                writer.WriteRawValue(field.Value!.Value.Text, skipInputValidation: true);
            });
            writer.WriteEndObject();
        });
    }
}
