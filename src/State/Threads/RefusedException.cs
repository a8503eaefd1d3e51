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

    /// <summary>The caller has as much as it may have; something of its own must end first.</summary>
    LimitReached,

    /// <summary>The server has as much as it can do; the same call is good later.</summary>
    Busy,
    Unavailable,
}
