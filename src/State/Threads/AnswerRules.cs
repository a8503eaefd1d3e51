using System.Text.Json;
using AgentMcp.State.Json;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Threads;

/// <summary>
/// Who may answer what. The first answer wins: the same again is no event, a different one is refused, and so is
/// an answer of the wrong kind. Every refusal says what is awaited instead.
/// </summary>
public static class AnswerRules
{
    /// <summary>Who may answer: the stricter of what was stored with the request and what the server asks now.</summary>
    public static AnswerableBy WhoFor(RequestOpened asked, AnswerableBy server) =>
        asked.Kind switch
        {
            RequestKind.NextStep or RequestKind.Sleep => AnswerableBy.Caller,
            // Who delivers a result was settled when it was asked for: a job's is anybody's, one handed to a person is theirs.
            RequestKind.ExternalResult => asked.AnswerableBy,
            _ => (AnswerableBy)Math.Max((int)asked.AnswerableBy, (int)server),
        };

    internal static IReadOnlyList<ThreadEvent> Decide(AgentThread thread, Answer answer)
    {
        // A response of null says nothing, and the log could not tell it from none.
        answer = answer.Response is { IsNull: true } ? answer with { Response = null } : answer;
        if (answer.Request is { } named && thread.Answers.TryGetValue(named, out var earlier))
        {
            return IsSame(thread, earlier, answer) ? [] : throw AlreadyAnswered(thread, earlier);
        }

        var requests = thread.OpenRequests;
        if (requests.FirstOrDefault(open => answer.Request == open.Id || (answer.Request is null && requests.Count == 1)) is { } meant)
        {
            return thread.State is Working working
                ? ToOpenRequest(thread.As(OpenCalls.Asking(working, meant.Id)), meant, answer, WorkflowDecider.Running(working)) : ToOpenRequest(thread, meant, answer, []);
        }

        return thread.State switch
        {
            Waiting or Working when answer.Request is { } unknown && requests.Count > 0 => throw new RefusedException(RefusalCode.RequestNotFound,
                $"There is no open request {unknown.In(thread.Id)} in this thread. {Awaited.By(thread, requests)}"),
            Working when requests.Count > 0 && !IsRepetition(thread, answer) => throw Awaited.Ambiguous([.. requests.Select(open => (thread.Id, open))]),
            // Without an id a repetition is known by its words alone; to a completed thread words are a new message.
            _ when IsRepetition(thread, answer) => [],
            Failed or Cancelled => throw ThreadDecider.Ended(thread),
            _ when answer.Request is { } unknown => throw new RefusedException(RefusalCode.RequestNotFound,
                $"There is no open request {unknown.In(thread.Id)} in this thread, nor any other. Call get_thread to see where it stands."),
            Completed when thread.Start.Workflow is not null => throw ThreadDecider.Ended(thread),
            Completed => Continue(answer),
            _ when thread.LastAnswer is { } first => throw AlreadyAnswered(thread, first),
            _ => throw new RefusedException(RefusalCode.NothingPending,
                "The thread is running and asks nothing. Call wait_thread to wait for its next request or its result."),
        };
    }

    private static IReadOnlyList<ThreadEvent> Continue(Answer answer) => answer switch
    {
        { Approved: null, Response: { IsNull: false } message } => [new MessageReceived(answer.At, message, answer.From.By, answer.From.Channel)],
        _ => throw new RefusedException(RefusalCode.NothingPending,
            "The thread is completed and nothing awaits approval. To go on with it, call resume_thread with a response; it becomes the next message."),
    };

    private static IReadOnlyList<ThreadEvent> ToOpenRequest(AgentThread thread, OpenRequest open, Answer answer, IEnumerable<Acting> running)
    {
        var asked = open.Asked;
        if (asked.Relay is { OnlyThere: true } relay)
        {
            return [new AnswerRefused(answer.At, open.Id, answer.From.By, answer.From.Channel, $"this can only be answered where it was asked{(relay.Url is { } url ? $", at {url}" : "")}")];
        }

        if (WhoFor(asked, answer.From.Policy) == AnswerableBy.Human && !answer.From.IsHuman)
        {
            return [new AnswerRefused(answer.At, open.Id, answer.From.By, answer.From.Channel, "only a person may answer this")];
        }

        if (asked.Responders is { } responders && !responders.Contains(answer.From.By, StringComparer.OrdinalIgnoreCase))
        {
            return [new AnswerRefused(answer.At, open.Id, answer.From.By, answer.From.Channel, $"only {string.Join(" or ", responders)} may answer this")];
        }

        if (asked.DueAt <= answer.At && asked.Kind != RequestKind.Sleep)
        {
            throw new RefusedException(RefusalCode.NothingPending,
                $"{open.Id.In(thread.Id)} expired at {asked.DueAt:yyyy-MM-ddTHH:mm:ssZ} and takes no answer any more. The thread goes on without one; call wait_thread to see how.");
        }

        var (approved, response) = Fit(thread, open, answer);
        var accepted = new RequestAnswered(answer.At, open.Id, answer.From.By, answer.From.Channel, approved, response, answer.Comment, answer.Arguments);
        return (asked.Kind, thread.State) switch
        {
            _ when asked.Relay is not null => [accepted],
            (RequestKind.ExternalResult, Waiting { Call: { } call }) => [accepted, new ToolReturned(answer.At, call.Id, response!.Value)],
            (RequestKind.InDoubt, Waiting { Call: { } call }) when InDoubtAnswer.Of(response) is InDoubtAnswer.Done done =>
                [accepted, new ToolReturned(answer.At, call.Id, done.Result)],
            _ when asked.Gone is not null => ChangedAgent.Decide(accepted, answer.Today),
            (RequestKind.Budget, _) when approved == false =>
                [accepted, new ThreadFailed(answer.At, ThreadDecider.Reason($"Stopped at a limit: {asked.Question} {answer.From.By} declined to extend it.", running)!)],
            _ => [accepted],
        };
    }

    private static (bool? Approved, JsonText? Response) Fit(AgentThread thread, OpenRequest open, Answer answer) => open.Asked.Kind switch
    {
        _ when answer.From.IsModel => open.Asked.Kind == RequestKind.NextStep && answer is { Approved: null, Response: { } said } ? (null, said) : throw Wrong(thread, open, answer),
        RequestKind.Approval => Approval(thread, open, answer),
        _ when answer.Arguments is not null => throw Wrong(thread, open, answer),
        RequestKind.Budget => answer switch
        {
            { Approved: not null } => (answer.Approved, answer.Response),
            { Response: { IsNull: false } guidance } => (true, guidance),
            _ => throw Wrong(thread, open, answer),
        },
        // Whoever asks there can be told no, whatever it asks for.
        RequestKind.Question when open.Asked.Relay is not null && answer is { Approved: false, Response: null } => (false, null),
        RequestKind.Sleep => answer.Approved is null ? (null, answer.Response) : throw Wrong(thread, open, answer),
        RequestKind.Child => throw Wrong(thread, open, answer),
        _ => answer switch
        {
            { Approved: null, Response: { IsNull: false } response } => (null, Checked(thread, open, response)),
            _ => throw Wrong(thread, open, answer),
        },
    };

    // Approved arguments are never replaced in passing: other ones are an answer of their own, where the tool allows it.
    private static (bool? Approved, JsonText? Response) Approval(AgentThread thread, OpenRequest open, Answer answer) => (answer, open.Asked) switch
    {
        ({ Approved: true, Response: null, Arguments: null }, _) => (true, null),
        ({ Approved: true, Response: null, Arguments: { } changed }, { Changes: { } schema }) => JsonSchemas.Violation(schema, changed) is not { } violation
            ? (true, null)
            : throw new RefusedException(RefusalCode.InvalidResponse,
                $"The changed arguments do not fit: {violation}. They must match this JSON Schema: {schema}. The request stays open. {Awaited.By(thread, open)}"),
        ({ Approved: true, Arguments: not null }, _) => throw new RefusedException(RefusalCode.WrongAnswer,
            $"The arguments of this action cannot be changed. Approve it as it is, or reject it and say in the comment what should be done instead. {Awaited.By(thread, open)}"),
        ({ Approved: false, Response: null, Arguments: null }, _) => (false, null),
        ({ Approved: false, Response: { } reason, Arguments: null }, { Options: { } options }) when options.Any(option => option.Name == reason.AsString()) => (false, reason),
        ({ Approved: false, Response: { } reason, Arguments: null }, { Options: { Count: > 0 } options }) => throw new RefusedException(RefusalCode.InvalidResponse,
            $"{reason} is none of the prepared reasons: {string.Join(", ", options.Select(option => option.Name))}. Leave response out to reject in your own words. The request stays open. {Awaited.By(thread, open)}"),
        _ => throw Wrong(thread, open, answer),
    };

    private static JsonText Checked(AgentThread thread, OpenRequest open, JsonText response)
    {
        var asked = open.Asked;
        if (asked.Kind == RequestKind.InDoubt && response.AsString() is { } outcome && InDoubtAnswer.Options.Any(option => option.Name == outcome))
        {
            response = JsonText.Write(w => { w.WriteStartObject(); w.WriteString("outcome", outcome); w.WriteEndObject(); });
        }

        if ((asked.Schema ?? (asked.Kind == RequestKind.InDoubt ? InDoubtAnswer.Schema : null)) is not { } schema || JsonSchemas.Violation(schema, response) is not { } violation)
        {
            return response;
        }

        // Callers often hand over a structured answer as its text.
        if (response.AsString() is { } text && JsonText.TryParse(text, out var inner) && JsonSchemas.Violation(schema, inner) is null)
        {
            return inner;
        }

        if (asked.Kind == RequestKind.InDoubt && InDoubtAnswer.OtherReading(response) is { } other && JsonSchemas.Violation(schema, other) is null)
        {
            return other;
        }

        throw new RefusedException(RefusalCode.InvalidResponse,
            $"The response does not fit: {violation}. It must match this JSON Schema: {schema}. The request stays open. {Awaited.By(thread, open)}");
    }

    private static RefusedException Wrong(AgentThread thread, OpenRequest open, Answer answer) =>
        new(RefusalCode.WrongAnswer, $"{Awaited.Mistake(open.Asked.Kind, answer)} {Awaited.By(thread, open)}");

    private static bool IsRepetition(AgentThread thread, Answer answer) =>
        answer.Request is null && thread.LastAnswer is { } last
        && (answer.Approved is not null || thread.State is not Completed) && IsSame(thread, last, answer);

    private static bool IsSame(AgentThread thread, RequestAnswered first, Answer again) =>
        (first.Approved == again.Approved || (first.Approved == true && again.Approved is null && first.Response is not null))
        && JsonElement.DeepEquals((first.Arguments ?? JsonText.Null).Element(), (again.Arguments ?? JsonText.Null).Element())
        && (JsonElement.DeepEquals(Loosely(first.Response), Loosely(again.Response))
            || (again.Response is { } given && thread.Doubts.Contains(first.Request) && InDoubtAnswer.OtherReading(given) is { } other && JsonElement.DeepEquals(Loosely(first.Response), other.Element())))
        && first.Comment == again.Comment;

    // A structured answer may have come as its text, an outcome as its bare name.
    private static JsonElement Loosely(JsonText? response)
    {
        var value = (response?.AsString() is { } text && JsonText.TryParse(text, out var inner) ? inner : response ?? JsonText.Null).Element();
        return value.ValueKind == JsonValueKind.Object && value.EnumerateObject().ToList() is [{ Name: "outcome", Value: var outcome }] ? outcome : value;
    }

    private static RefusedException AlreadyAnswered(AgentThread thread, RequestAnswered first)
    {
        var said = string.Join(", ", new[]
        {
            first.Approved is { } approved ? $"approved: {(approved ? "true" : "false")}" : null,
            first.Arguments is { } arguments ? $"arguments: {arguments}" : null,
            first.Response is { } response ? $"response: {response}" : null,
            first.Comment is { } comment ? $"comment: \"{comment}\"" : null,
        }.OfType<string>());
        return new(RefusalCode.AlreadyAnswered,
            $"{first.Request.In(thread.Id)} was already answered{(said.Length > 0 ? $" ({said})" : "")} by {first.By} through {first.Channel} at {first.At:yyyy-MM-ddTHH:mm:ssZ}; the first answer stands. Call get_thread to see what followed.");
    }
}
