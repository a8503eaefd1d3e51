using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>
/// Runs a case again through the real loop, on a database of its own, with what the model and the tools said then. What
/// came from outside is put in where it came; all else the loop does by itself, and should do as it did.
/// </summary>
public sealed class Replay
{
    private readonly Case _case;
    private readonly Microagent _agent;
    private readonly Playback _playback;
    private readonly ReplayClock _clock = new();
    private readonly AgentLoop _loop;
    private readonly ThreadStore _store;

    private Replay(Case recorded, Microagent agent, Microagent? today, ThreadStore store)
    {
        (_case, _store, _playback) = (recorded, store, new(recorded));
        _agent = _playback.Of(agent.CalledUnder(recorded.Start.Inherited), today);
        _loop = new(store, _clock) { LeavesSideWork = true };
    }

    /// <param name="agent">The agent that plays the case.</param>
    /// <param name="today">The agent as it is in this program, if it is there.</param>
    public static async Task<Replayed> Run(Case recorded, Microagent agent, Microagent? today)
    {
        var folder = Directory.CreateTempSubdirectory("agentmcp-replay-");
        try
        {
            using var database = Database.Open(Path.Combine(folder.FullName, "replay.db"));
            using var owner = new Owner(database);
            using var store = new ThreadStore(database, owner);
            return await new Replay(recorded, agent, today, store).Run().ConfigureAwait(false);
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    private async Task<Replayed> Run()
    {
        _clock.Now = _case.Start.At;
        var log = ThreadLog.Of(ThreadId.New(_case.Start.At), [_case.Start]);
        await _store.Start(log, null, takeLease: false).ConfigureAwait(false);
        Difference? difference = null;
        while (difference is null && log.Thread.Version < _case.Events.Count)
        {
            var before = log.Thread.Version;
            var next = _case.Events[before];
            log = Outside.Is(next, log.Thread) ? await Put(log, next).ConfigureAwait(false) : await Leg(log).ConfigureAwait(false);
            difference = Enumerable.Range(before + 1, log.Thread.Version - before).Select(version => Compare(log, version)).FirstOrDefault(found => found is not null);
            if (difference is null && log.Thread.Version == before)
            {
                if (Outside.MayBeProvider(next, log.Thread))
                {
                    log = await Put(log, next).ConfigureAwait(false);
                }
                else
                {
                    difference = new(before + 1, next, null, Beside(log));
                }
            }
        }

        return new(log, difference is null ? null : difference with { Note = _playback.Unrecorded ?? difference.Note }, Prompts(log), [.. Steps()]);
    }

    private string? Beside(ThreadLog log) => Turn.Next(log.Thread, log.Events, _agent, new(), _clock.Now) is Turn.Side side
        ? $"Now there is work beside the steps here ({side.GetType().Name.ToLowerInvariant()}), and the case holds no outcome of it."
        : null;

    private async Task<ThreadLog> Put(ThreadLog log, ThreadEvent happened)
    {
        _clock.Now = happened.At;
        var next = log.With([happened]);
        await _store.Save(next, 1).ConfigureAwait(false);
        return next;
    }

    private async Task<ThreadLog> Leg(ThreadLog log)
    {
        using var stop = new RunStop();
        _playback.Begin(log.Thread.Version, stop);
        var lease = await _store.Save(log, 0, LeaseUse.Take, now: _clock.Now).ConfigureAwait(false);
        return await _loop.Run(log, lease, _playback.From(_agent, log.Thread), _playback, stop).ConfigureAwait(false);
    }

    private Difference? Compare(ThreadLog log, int version) =>
        _case.At(version) is { } then && Comparable.Of(then) == Comparable.Of(log.Events[version - 1]) ? null : new(version, _case.At(version), log.Events[version - 1]);

    private PromptChange? Prompts(ThreadLog log) => _case.Steps
        .Where(step => step.User is not null && _playback.Prompts.ContainsKey(step.Version) && step.Version <= log.Thread.Version)
        .OrderBy(step => step.Version)
        .Select(step => (step.Version, Then: Text(step.System ?? "", step.User!), Now: Text(_playback.Prompts[step.Version].System, _playback.Prompts[step.Version].User)))
        .Where(step => step.Then != step.Now)
        .Select(step => new PromptChange(step.Version, LineDiff.Of(step.Then, step.Now)))
        .FirstOrDefault();

    private static string Text(string system, string user) => $"{system}\n\n{user}";

    // What is expected of a step holds for what the model said then, or the expectation is wrong.
    private IEnumerable<StepResult> Steps() => _case.Steps.Where(step => step.Assertions.Count > 0).Select(step =>
    {
        var output = _case.Output(step.Version) ?? "";
        return new StepResult(step.Version, Sample.Told(_agent, output), [Sample.Of(_agent, output, output, step.Assertions)]);
    });
}

/// <summary>Stands still where it was put.</summary>
internal sealed class ReplayClock : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}
