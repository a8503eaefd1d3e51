namespace AgentMcp.State.Threads;

/// <summary>
/// A command that cannot be carried out. Nothing was changed. The message says what is wrong and what to do next,
/// in words a calling model can act on.
/// </summary>
public sealed class RefusedException(RefusalCode code, string message) : Exception(message)
{
    public RefusalCode Code { get; } = code;
}

public enum RefusalCode
{
    ThreadNotFound,
    RequestNotFound,
    RequestAmbiguous,
    NothingPending,
    WrongAnswer,
    InvalidResponse,
    AlreadyAnswered,
    HumanRequired,
    Forbidden,
    ThreadEnded,
    ThreadBusy,
    IdempotencyConflict,
    AgentNotFound,
    InvalidInput,
    InvalidVersion,
    TooLarge,
    Unavailable,
}
