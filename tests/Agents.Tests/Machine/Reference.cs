using System.Collections.Concurrent;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Machine;

internal sealed record Given(ThreadId Thread, RequestId Request, bool? Approved, JsonText? Response);

/// <summary>
/// What clients were told, and nothing else: a key leads to one thread, what was read once is never other, an answer that
/// was taken stays, and what was cancelled is over. Knows of no server, crash, lease or file. Thread-safe.
/// </summary>
internal sealed class Reference
{
    private readonly Dictionary<ThreadId, List<string>> _seen = [];
    private readonly ConcurrentDictionary<string, ThreadId> _keys = new();
    private readonly ConcurrentQueue<ThreadId> _threads = new();
    private readonly ConcurrentQueue<ThreadId> _cancelled = new();
    private readonly ConcurrentQueue<Given> _taken = new();

    /// <summary>Every answer that was ever sent, whatever became of it.</summary>
    public ConcurrentQueue<Given> Sent { get; } = new();

    public void Started(ThreadId thread, string? key)
    {
        _threads.Enqueue(thread);
        if (key is not null && _keys.GetOrAdd(key, thread) != thread)
        {
            throw new InvalidDataException($"{key} leads to {_keys[key]} and to {thread}");
        }
    }

    public void Forked(ThreadId thread) => _threads.Enqueue(thread);

    public void Cancelled(ThreadId thread) => _cancelled.Enqueue(thread);

    public void Took(Given answer) => _taken.Enqueue(answer);

    public bool HasTaken(Given answer) => _taken.Contains(answer);

    public IEnumerable<string> Violations(IReadOnlyDictionary<ThreadId, ThreadLog> logs)
    {
        foreach (var (id, log) in logs)
        {
            List<string> stored = [.. log.Events.Select(ThreadJson.Write)];
            if (_seen.GetValueOrDefault(id, []) is var seen && !seen.SequenceEqual(stored.Take(seen.Count)))
            {
                yield return $"{id}: what was read before has changed";
            }

            _seen[id] = stored;
        }

        var lost = _threads.Concat(_seen.Keys).Where(id => !logs.ContainsKey(id)).Select(id => $"{id} is not there any more")
            .Concat(_cancelled.Where(id => !logs[id].Thread.IsFinal).Select(id => $"{id} was cancelled and goes on"))
            .Concat(_taken.Where(answer => !IsThere(answer, logs[answer.Thread])).Select(answer => $"{answer} was taken and is not there"));
        var twice = logs.Values.Where(log => log.Thread.Start.Parent is not null).CountBy(log => (log.Thread.Start.Parent, log.Thread.Start.ParentCall))
            .Where(call => call.Value > 1).Select(call => $"{call.Key} has {call.Value} children")
            // The input of each start names its key, or the one move it came from.
            .Concat(logs.Values.Where(log => !log.Events.Any(happened => happened is ThreadForked) && log.Thread.Start.Parent is null).CountBy(log => log.Thread.Start.Input)
                .Where(start => start.Value > 1).Select(start => $"{start.Key} was started {start.Value} times"));
        foreach (var what in lost.Concat(twice))
        {
            yield return what;
        }
    }

    private static bool IsThere(Given answer, ThreadLog log) => log.Events.OfType<RequestAnswered>().Single(stored => stored.Request == answer.Request) is var stored
        && stored.Approved == answer.Approved && stored.Response == answer.Response;
}
