namespace AgentMcp.Server.Cli;

/// <summary>What the exit code of a command means; the help of the program lists the same.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A check did not hold, or the thread failed or was cancelled.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a setting is wrong, or the database cannot be used.</summary>
    public const int Unusable = 2;

    /// <summary>The command was understood and refused; nothing was changed.</summary>
    public const int Refused = 3;

    /// <summary>The thread waits for an answer.</summary>
    public const int Pending = 4;

    /// <summary>The thread runs on without this command.</summary>
    public const int Running = 5;

    /// <summary>A defect of the program; <c>--verbose</c> shows where.</summary>
    public const int Defect = 70;

    public const int Interrupted = 130;

    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Done, "Done; the thread, if there is one, is completed."),
        (Failed, "A check did not hold, or the thread failed or was cancelled."),
        (Unusable, "The command line or a setting is wrong, or the database cannot be used."),
        (Refused, "Understood and refused: no such thread or agent, or not an answer to what is asked. Nothing was changed."),
        (Pending, "The thread waits for an answer."),
        (Running, "The thread is still running."),
        (Defect, "An internal error; --verbose shows where."),
        (Interrupted, "Interrupted."),
    ];
}
