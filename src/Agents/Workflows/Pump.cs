namespace AgentMcp.Agents.Workflows;

/// <summary>
/// Runs a workflow's code on the thread that has something for it, piece after piece, each at once where the one before
/// it ended: so when it returns, everything the code awaits is known to be open. Code that is continued from anywhere
/// else was not continued by the log, and that is noted.
/// </summary>
internal sealed class Pump
{
    private static readonly AsyncLocal<bool> InStep = new();
    private volatile int _inside;
    private volatile bool _disturbed;

    /// <summary>The code is running, and on this thread.</summary>
    public bool IsInside => _inside == Environment.CurrentManagedThreadId;

    /// <summary>Something that is no operation of the run continued the code.</summary>
    public bool WasDisturbed => _disturbed;

    /// <summary>Notes where the code runs on. From inside a step it does not: that is a mistake of the step alone.</summary>
    public bool Check()
    {
        _disturbed |= !IsInside && !InStep.Value;
        return IsInside;
    }

    /// <summary>For the rest of the calling method, which is a step.</summary>
    public static void EnterStep() => InStep.Value = true;

    public void Run(Action piece)
    {
        var before = SynchronizationContext.Current;
        // Without a context what was awaited goes on where it ended, however it was awaited.
        SynchronizationContext.SetSynchronizationContext(null);
        _inside = Environment.CurrentManagedThreadId;
        try
        {
            piece();
        }
        finally
        {
            _inside = 0;
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}
