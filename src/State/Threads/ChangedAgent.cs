using System.Text.Json;
using AgentMcp.State.Json;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Threads;

/// <summary>From here on the thread runs under this definition. Gates are those of before, or tighter.</summary>
public sealed record DefinitionChanged(DateTimeOffset At, string Definition, string By, string Channel) : ThreadEvent(At);

/// <summary>Under which definition a thread runs.</summary>
/// <param name="IsPinned">Tools of it are gone, and it stays all the same.</param>
public sealed record DefinitionInForce(string Hash, bool IsPinned = false)
{
    internal static DefinitionInForce None { get; } = new("");

    internal DefinitionInForce After(ThreadState state, ThreadEvent happened) => happened switch
    {
        ThreadStarted e => new(e.Definition),
        DefinitionChanged e => new(e.Definition),
        // Nobody said anything: it stays as it is, and the question is not asked again.
        RequestAnswered or RequestExpired when state is Waiting { Request.Asked.Gone: not null } => this with { IsPinned = true },
        _ => this,
    };
}

/// <summary>What a person says of a thread whose agent has changed so that tools it may choose are gone.</summary>
public static class ChangedAgent
{
    public const string Pin = "pin";
    public const string Migrate = "migrate";
    public const string Cancel = "cancel";

    /// <param name="canMigrate">Whether there is an agent of that name today.</param>
    public static IReadOnlyList<ResponseOption> Options(bool canMigrate) =>
    [
        new(Pin, "Go on as it began", "Under its old prompt and tools; choosing a tool that is gone fails."),
        .. canMigrate ? new ResponseOption[] { new(Migrate, "Go on as it is today", "Under today's prompt and tools; no gate opens that was closed before.") } : [],
        new(Cancel, "End it", "What has happened stays."),
    ];

    public static JsonText Schema(bool canMigrate) => JsonText.Parse(JsonSerializer.Serialize(new { type = "string", @enum = Options(canMigrate).Select(option => option.Name) }));

    /// <param name="today">The definition to go on under, of an agent that may have gone since it was asked.</param>
    internal static IReadOnlyList<ThreadEvent> Decide(RequestAnswered accepted, string? today) => accepted.Response?.AsString() switch
    {
        Migrate when today is not null => [accepted, new DefinitionChanged(accepted.At, today, accepted.By, accepted.Channel)],
        Migrate => throw new RefusedException(RefusalCode.WrongAnswer, "There is no agent of that name any more, so nothing to migrate to. Answer with pin or cancel, or bring its file back first. The request stays open."),
        Cancel => [accepted, new ThreadCancelled(accepted.At, accepted.By, accepted.Channel, accepted.Comment ?? "its agent had changed")],
        _ => [accepted],
    };
}
