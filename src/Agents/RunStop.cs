using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>How a run is told to stop: at once because its thread is cancelled, or in good order because the process ends.</summary>
public sealed class RunStop : IDisposable
{
    internal const string CutOff = "it was cancelled while it ran";

    private readonly CancellationTokenSource _source = new();
    private volatile bool _requested;
    private volatile bool _cancelled;
    private bool _ended;

    /// <summary>No new step is begun.</summary>
    public bool Requested => _requested;

    /// <summary>What runs now is cut off.</summary>
    public CancellationToken Token => _source.Token;

    public void AfterThisStep() => _requested = true;

    public void Now(bool cancelled = false)
    {
        _cancelled |= cancelled;
        _requested = true;
        lock (_source)
        {
            // Whoever stops a run may be a moment later than its end.
            if (!_ended)
            {
                _source.Cancel();
            }
        }
    }

    /// <summary>
    /// What to record of a tool that was cut off. Of one that only reads a cancelled thread says so. Of any other nothing is
    /// known, and the start without an end is what makes it a doubt, also when the cancellation is never stored.
    /// </summary>
    public ThreadCommand? OutcomeOf(Tool tool, DateTimeOffset now) =>
        _cancelled && tool.Effect == Effect.ReadOnly ? new FailTool(now, CutOff) : null;

    public void Dispose()
    {
        lock (_source)
        {
            _ended = true;
            _source.Dispose();
        }
    }
}
