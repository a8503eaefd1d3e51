namespace AgentMcp.Agents.Workflows;

/// <summary>
/// Runs a workflow's code on one thread, one piece after the other, until none is left: then everything it awaits is
/// known to be open. What reaches it from elsewhere did not come from the log, so it is not run and only noted.
/// </summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Piece, object? State)> _pieces = new();
    private volatile int _inside;

    /// <summary>The code is running, and on this thread.</summary>
    public bool IsInside => _inside == Environment.CurrentManagedThreadId;

    /// <summary>Something that is no operation of the run tried to continue the code.</summary>
    public bool WasDisturbed { get; private set; }

    /// <summary>Starts the code, or ends what it awaits, and runs all that follows.</summary>
    public void Run(Action first, bool starts = false)
    {
        var before = Current;
        // What is awaited with ConfigureAwait(false) goes on at once, and only where there is no context; the rest is posted here.
        SetSynchronizationContext(starts ? this : null);
        _inside = Environment.CurrentManagedThreadId;
        try
        {
            first();
            SetSynchronizationContext(this);
            while (_pieces.TryDequeue(out var next))
            {
                next.Piece(next.State);
            }
        }
        finally
        {
            _inside = 0;
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsInside)
        {
            _pieces.Enqueue((d, state));
        }
        else
        {
            WasDisturbed = true;
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("A workflow waits for nothing but operations of its run.");

    public override SynchronizationContext CreateCopy() => this;
}
