using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// Who may answer, how people are told and how long it may take. Set for an intent, an agent and the server: of
/// <see cref="AnswerableBy"/> the strictest counts, of everything else what the innermost says.
/// </summary>
/// <param name="Responders">The only ones who may answer, as their channel names them.</param>
/// <param name="Channels">The names of the channels through which people are told.</param>
/// <param name="EscalateTo">The channel that is told when nobody has answered after <paramref name="EscalateAfter"/>.</param>
/// <param name="ExpiresAfter">
/// After this a request takes no answer; an approval is then rejected. Null for never. A doubt and a limit wait on: no
/// silence says that something did not happen, or may go on.
/// </param>
public sealed record PeoplePolicy(
    AnswerableBy AnswerableBy = AnswerableBy.Caller,
    IReadOnlyList<string>? Responders = null,
    IReadOnlyList<string>? Channels = null,
    TimeSpan? RemindAfter = null,
    string? EscalateTo = null,
    TimeSpan? EscalateAfter = null,
    TimeSpan? ExpiresAfter = null)
{
    public static implicit operator PeoplePolicy(AnswerableBy by) => new(by);

    public PeoplePolicy Within(PeoplePolicy outer) => new(
        Turn.Strictest(AnswerableBy, outer.AnswerableBy), Responders ?? outer.Responders, Channels ?? outer.Channels,
        RemindAfter ?? outer.RemindAfter, EscalateTo ?? outer.EscalateTo, EscalateAfter ?? outer.EscalateAfter, ExpiresAfter ?? outer.ExpiresAfter);

    /// <summary>The request as this policy has it asked of people.</summary>
    public OpenARequest Ask(OpenARequest request) => request with
    {
        AnswerableBy = AnswerableBy,
        Responders = Responders,
        Reach = Channels is { Count: > 0 } || EscalateTo is not null
            ? new(Channels ?? [], request.At + RemindAfter, EscalateTo, EscalateTo is null ? null : request.At + EscalateAfter)
            : null,
        DueAt = request.DueAt ?? (request.Kind is RequestKind.InDoubt or RequestKind.Budget ? null : request.At + ExpiresAfter),
    };
}
