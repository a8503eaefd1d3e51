using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Workflows;

/// <summary>Waits until something may have changed for a workflow at work: a step ended, somebody appended, or a time has come.</summary>
internal sealed class Movement : IDisposable
{
    private static readonly TimeSpan OtherProcessPoll = TimeSpan.FromMilliseconds(200);

    private readonly ThreadStore _store;
    private readonly ThreadIndex _index;
    private readonly TimeProvider _clock;
    private readonly ThreadId _thread;
    private volatile TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Movement(ThreadStore store, ThreadIndex index, TimeProvider clock, ThreadId thread)
    {
        (_store, _index, _clock, _thread) = (store, index, clock, thread);
        store.Appended += Note;
    }

    /// <summary>Returns at once when the thread has moved on already.</summary>
    public async Task After(AgentThread known, IEnumerable<Task> works)
    {
        var appended = _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_index.VersionOf(_thread) != known.Version)
        {
            return;
        }

        using var enough = new CancellationTokenSource();
        await Task.WhenAny([.. works, appended.Task, .. Times(known, enough.Token)]).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
    }

    public void Dispose() => _store.Appended -= Note;

    // Only what waits can be moved by another process, and only by it or by the time.
    private IEnumerable<Task> Times(AgentThread thread, CancellationToken enough)
    {
        if (thread.OpenRequests.Count > 0)
        {
            yield return Task.Delay(OtherProcessPoll, _clock, enough);
        }

        if (thread.OpenRequests.Min(open => open.Asked.DueAt) - _clock.GetUtcNow() is { } left)
        {
            yield return Task.Delay(left > TimeSpan.Zero ? left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1) : TimeSpan.Zero, _clock, enough);
        }
    }

    private void Note(ThreadId thread, int version)
    {
        if (thread == _thread)
        {
            _appended.TrySetResult();
        }
    }
}
