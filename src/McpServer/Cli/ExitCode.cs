namespace AgentMcp.Server.Cli;

/// <summary>What the exit code of a command means.</summary>
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
}
