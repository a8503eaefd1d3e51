using AgentMcp.Agents.Microagents.Asking;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Rest;

/// <summary>A stored request in the shape in which people are asked: an approval is a function call, anything else a human contact. Pure.</summary>
internal static class A2HView
{
    /// <summary>Leave to go on after a limit, said with one of two options.</summary>
    public const string GoOn = "go_on";
    public const string Stop = "stop";

    private static readonly IReadOnlyList<ContactOption> BudgetOptions =
    [
        new(GoOn, "Go on", "It may take as much again. A response is guidance for it.", Interactive: true),
        new(Stop, "Stop", "The thread ends."),
    ];

    public static bool IsForPeople(RequestKind kind) =>
        kind is RequestKind.Approval or RequestKind.Question or RequestKind.Budget or RequestKind.InDoubt;

    public static FunctionCall FunctionCallOf(ThreadLog log, RequestId id, RequestOpened asked, AnswerableBy server, FailedValidation? failed = null)
    {
        var (fn, kwargs) = AskingAgents.AskedFor(log.Thread.Start.Agent, asked.Action!);
        log.Thread.Answers.TryGetValue(id, out var answer);
        return new(RunOf(log), id.In(log.Thread.Id),
            new(fn, kwargs.Element(), OptionsOf(log, asked), StateOf(log, asked, server)),
            answer is null && Expired(log, id) is { } expired
                ? new(asked.At, expired, Approved: false, Comment: "Nobody answered in time.")
                : new(asked.At, answer?.At, answer?.Approved, answer?.Comment, InfoOf(answer), answer?.Response?.AsString(), answer?.Arguments?.Element(), failed));
    }

    public static HumanContact HumanContactOf(ThreadLog log, RequestId id, RequestOpened asked, AnswerableBy server, FailedValidation? failed = null)
    {
        log.Thread.Answers.TryGetValue(id, out var answer);
        var options = asked.Kind == RequestKind.Budget ? BudgetOptions : OptionsOf(log, asked);
        return new(RunOf(log), id.In(log.Thread.Id),
            new(asked.Question, AskingAgents.SubjectOf(log.Thread.Start), options, StateOf(log, asked, server)),
            new(asked.At, answer?.At, answer?.Response?.Element(), Chosen(asked, answer, options), InfoOf(answer), failed));
    }

    private static string? Chosen(RequestOpened asked, RequestAnswered? answer, IReadOnlyList<ContactOption>? options)
    {
        var name = (asked.Kind, answer) switch
        {
            (_, null) => null,
            (RequestKind.Budget, { Approved: { } goOn }) => goOn ? GoOn : Stop,
            (RequestKind.InDoubt, { Response: { } outcome }) => outcome.Element().TryGetProperty("outcome", out var chosen) ? chosen.GetString() : null,
            (_, { Response: { } response }) => response.AsString(),
            _ => null,
        };
        return options?.FirstOrDefault(option => option.Name == name)?.Name;
    }

    private static RequestState StateOf(ThreadLog log, RequestOpened asked, AnswerableBy server) => new(
        log.Thread.Id.Value, log.Thread.Start.Agent, asked.Kind, asked.Question, AnswerRules.WhoFor(asked, server),
        asked.Context, asked.Schema?.Element(), asked.Action?.Digest, asked.Changes?.Element(), asked.Responders,
        asked.Reach is { Channels: { Count: > 0 } channels } ? channels : null, asked.DueAt, AskingAgents.StateOf(log.Thread.Start)?.Element());

    // Beside prepared words there is room for one's own, unless whoever asked said how it is.
    private static List<ContactOption>? OptionsOf(ThreadLog log, RequestOpened asked) => asked.Options?.Select(option =>
        new ContactOption(option.Name, option.Title, option.Description, option.PromptFill,
            AskingAgents.IsInteractive(log.Thread.Start, option.Name) ?? option.PromptFill is not null)).ToList();

    private static UserInfo? InfoOf(RequestAnswered? answer) => answer is null ? null : new(answer.By, answer.Channel);

    // All that descends from one thread is one run.
    private static string RunOf(ThreadLog log) => (log.Thread.Start.Root ?? log.Thread.Id).Value;

    private static DateTimeOffset? Expired(ThreadLog log, RequestId id) =>
        log.Events.OfType<RequestExpired>().FirstOrDefault(expired => expired.Request == id)?.At;
}
