using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Workflows;

/// <summary>
/// What has happened in a run and its code was not told yet. Where whoever ran the thread before may be dead of the code, it
/// is told only what is stored: if it ends the process with that, it does so again where it is played along the log, and there
/// it is counted. Otherwise the log would stand where it stood, and process after process would end.
/// </summary>
internal sealed class Unheard(bool isPickedUp)
{
    private readonly List<ThreadEvent> _events = [];
    private int _first;

    public bool IsEmpty => _events.Count == 0;

    /// <summary>Tells the code at once, where it may know.</summary>
    public void Happened(IReadOnlyList<ThreadEvent> events, int firstVersion, Execution? execution)
    {
        if (IsEmpty && !(isPickedUp && events.Any(Execution.Continues)))
        {
            execution?.Take(events, firstVersion);
            return;
        }

        _first = IsEmpty ? firstVersion : _first;
        _events.AddRange(events);
    }

    /// <summary>All is stored. Returns whether there was anything to tell.</summary>
    public bool Tell(Execution? execution)
    {
        if (IsEmpty)
        {
            return false;
        }

        execution?.Take(_events, _first);
        Clear();
        return true;
    }

    public void Clear() => _events.Clear();
}
