using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Workflows;

/// <summary>
/// The calls of a workflow that run now. One is begun only once its start is saved, and kept until its outcome is. When
/// the run ends for whatever reason, what still runs is cut off.
/// </summary>
internal sealed class Works(TimeProvider clock, Relays relays, Microagent agent, PeoplePolicy by, ChildThreads children, RunStop stop, bool isPickedUp) : IDisposable
{
    private readonly ToolRunner _tools = new(clock, relays);
    private readonly CancellationTokenSource _cut = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
    private readonly Dictionary<CallId, (Tool Tool, Task<ThreadCommand?> Outcome)> _running = [];
    private readonly Dictionary<CallId, (Tool Tool, Call? Gated)> _queued = [];
    private readonly HashSet<CallId> _recorded = [];

    public IEnumerable<Task> Running => _running.Values.Select(work => work.Outcome);

    public bool IsIdle => _running.Count == _recorded.Count && _queued.Count == 0;

    public bool Has(CallId call) => _running.ContainsKey(call) || _queued.ContainsKey(call);

    /// <summary>To be run once that is saved.</summary>
    /// <param name="gated">The call to be asked leave for, when it is not to be run yet.</param>
    public void Queue(CallId call, Tool tool, Call? gated = null) => _queued[call] = (tool, gated);

    /// <summary>A gate that was passed: the tool behind it is to be run.</summary>
    public void Queue(CallId call, StartTool? start)
    {
        if (start is not null)
        {
            Queue(call, _running[call].Tool);
        }
    }

    /// <summary>What came of those that have ended, and is to be saved. The same again when it could not be.</summary>
    public IReadOnlyList<(CallId Call, ThreadCommand Command)> Outcomes()
    {
        List<(CallId Call, ThreadCommand Command)> outcomes = [];
        foreach (var (call, work) in _running.Where(work => work.Value.Outcome.IsCompleted).ToList())
        {
            if ((work.Outcome.GetAwaiter().GetResult() ?? stop.OutcomeOf(work.Tool, clock.GetUtcNow())) is { } outcome)
            {
                outcomes.Add((call, outcome));
            }
            else if (!stop.Requested)
            {
                // What it did is not known and may be done twice: what follows is what follows from the log, another attempt.
                _running.Remove(call);
                continue;
            }

            _recorded.Add(call);
        }

        // First what a full log takes as well: what comes after the first that finds no room is not stored.
        return [.. outcomes.OrderBy(outcome => outcome.Command is ReturnTool or FailTool or OpenARequest { Kind: RequestKind.InDoubt } ? 0 : 1)];
    }

    /// <summary>What was recorded is on disk.</summary>
    public void Saved()
    {
        foreach (var call in _recorded)
        {
            _running.Remove(call);
        }

        _recorded.Clear();
    }

    /// <summary>What was recorded is not on disk, and what was queued was never chosen.</summary>
    public void Unsaved()
    {
        _recorded.Clear();
        _queued.Clear();
    }

    public void Begin(AgentThread thread)
    {
        foreach (var (id, (tool, gated)) in _queued)
        {
            var call = gated ?? ((Acting)OpenCalls.Find((Working)thread.State, id)!.State).Call;
            _running[id] = (tool, Task.Run(() => gated is null
                ? _tools.Run(tool, thread, call, agent, by, children, _cut.Token)
                : _tools.Gate(tool, thread, call, by, isPickedUp, _cut.Token), CancellationToken.None));
        }

        _queued.Clear();
    }

    /// <summary>The log is full, so nothing follows any more. Of what still runs it is kept what it came to, as it ends.</summary>
    /// <exception cref="LeaseLostException">The thread was cancelled or taken over.</exception>
    public async Task KeepEnds(ThreadStore store, Lease lease, ThreadId thread)
    {
        Unsaved();
        while (_running.Count > 0)
        {
            await Task.WhenAny(Running).ConfigureAwait(false);
            var (log, ends) = (store.Read(thread), Outcomes());
            try
            {
                // Also without an event: whether the thread is still this one's to end is asked there.
                await store.Append(log, [.. ends.SelectMany(end => FullLog.Kept(log.Thread, end.Call, end.Command))], LeaseUse.None, lease).ConfigureAwait(false);
                Saved();
            }
            catch (ConflictException)
            {
                // Somebody answered, or a child ended, in between.
                Unsaved();
            }
        }
    }

    public void Dispose()
    {
        _cut.Cancel();
        _cut.Dispose();
    }
}
