using AgentMcp.Agents.Context;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// The log as the blocks of a prompt. Stored is not rendered: envelopes, ids and what was resolved stay out. Pure.
/// </summary>
public static class Blocks
{
    public static IReadOnlyList<string> Of(IReadOnlyList<ThreadEvent> log, ContextPolicy? context = null)
    {
        var facts = new LogFacts(log);
        var blocks = new List<string>();
        for (var version = 1; version <= log.Count; version++)
        {
            if (!facts.IsResolved(version) && Render(log[version - 1], version, facts) is { } block)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }

    private static string? Render(ThreadEvent happened, int version, LogFacts facts) => happened switch
    {
        ThreadStarted e => Block(e.Trigger, Yaml.Of(e.Input)),
        MessageReceived e => Block("message_received", Message(e.Message)),
        StepChosen e => Block(e.Intent, Yaml.Of(e.Arguments)),
        ToolReturned e => Block(facts.Intent(e.Call) + "_result", Yaml.Of(e.Result)),
        ToolFailed or StepRejected => Error(happened, version, facts),
        // On which version of itself it goes on is nothing to the agent.
        RequestAnswered or RequestExpired when facts.IsAboutAgent(happened) => null,
        RequestAnswered e => Answer(e, facts),
        Fetched { Result: { } result } e => $"{Block(e.Intent, Yaml.Of(e.Arguments))}\n\n{Block(e.Intent + "_result", Yaml.Of(result))}",
        Fetched e => Block("error", Yaml.Inert($"{e.Intent} failed: {e.Error}")),
        StepJudged { Verdict: Verdict.Fail } e => Block("judge_feedback", Yaml.Inert($"{facts.Intent(e.Call)} was not run: {e.Reason}")),
        RequestExpired e => Block("human_response", Expired(facts.Request(e.Request), facts.AskedBy(e.Request))),
        SleepEnded e => Block(facts.AskedBy(e.Request) + "_result", Yaml.Of(JsonText.Of("the wait is over"))),
        // Only what happened in the conversation is told; how the run was kept is not.
        ToolStarted or RequestOpened or AnswerRefused or DeliveryFailed or ThreadCompleted or ThreadFailed or ThreadCancelled or ThreadForked
            or ThreadParked or StepJudged or Summarised or DefinitionChanged => null,
        _ => throw new InvalidOperationException($"There is no rendering of {happened.GetType().Name}."),
    };

    private static string Block(string tag, string body) => $"<{tag}>\n{body}\n</{tag}>";

    private static string Message(JsonText message) =>
        message.AsString() is { } text ? Yaml.Of(Fields(("message", JsonText.Of(text)))) : Yaml.Of(message);

    private static string Error(ThreadEvent failed, int version, LogFacts facts)
    {
        var (what, message) = failed switch
        {
            ToolFailed e => ($"{facts.Intent(e.Call)} failed", e.Error),
            StepRejected e => ("The step was rejected", e.Reason),
            _ => throw new InvalidOperationException(failed.GetType().Name),
        };
        var times = facts.Repetitions(version);
        return Block("error", Yaml.Inert(times == 1 ? $"{what}: {message}" : $"{what} {times} times. The last time: {message}"));
    }

    private static string? Answer(RequestAnswered answer, LogFacts facts)
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
            : Block("human_response", Yaml.Of(Fields(
                ("approved", asked.Kind == RequestKind.Approval ? JsonText.Of(answer.Approved == true) : null),
                (answer.Arguments is null ? "response" : "approved_with_changes", response),
                ("comment", comment is not null && (asked.Kind != RequestKind.Approval || answer.Arguments is not null) && response != JsonText.Of(comment) ? JsonText.Of(comment) : null),
                ("user", JsonText.Of(answer.By)))));
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

    private static string Expired(RequestOpened asked, string? intent) => Yaml.Of(asked.Kind == RequestKind.Approval
        ? Fields(("approved", JsonText.Of(false)), ("response", JsonText.Of($"{intent} denied: nobody answered before it expired")))
        : Fields(("response", JsonText.Of("nobody answered before the request expired"))));

    private static JsonText Fields(params ReadOnlySpan<(string Name, JsonText? Value)> fields)
    {
        var given = fields.ToArray().Where(field => field.Value is not null).ToList();
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            given.ForEach(field =>
            {
                writer.WritePropertyName(field.Name);
                writer.WriteRawValue(field.Value!.Value.Text);
            });
            writer.WriteEndObject();
        });
    }
}
