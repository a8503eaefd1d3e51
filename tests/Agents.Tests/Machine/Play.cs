using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>
/// Plays a history on real servers that share a file, and compares with the reference whenever nothing moves. Whoever has
/// died by then is followed by another. In the end a last server comes, long after, and brings every thread to its end.
/// </summary>
internal sealed class Play : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<byte[]> Empty = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("agentmcp-");
        using (Database.Open(Path.Combine(folder.FullName, "threads.db")))
        {
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        var file = File.ReadAllBytes(Path.Combine(folder.FullName, "threads.db"));
        folder.Delete(recursive: true);
        return file;
    });

    // In memory where there is such a folder: what is on disk when is not the question here.
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "agentmcp-" + Guid.NewGuid().ToString("N"))).FullName;
    private readonly Town _town = new();
    private readonly HeldPulse _held = new();
    private readonly Reference _reference = new();
    private readonly List<Server> _everyone = [];
    private readonly Server[] _servers = new Server[Move.Servers];
    private readonly Observer _observer;
    private readonly string[] _scripts;
    private long _seconds;

    private Play(string[] scripts)
    {
        _scripts = scripts;
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        File.WriteAllBytes(Path.Combine(data, "threads.db"), Empty.Value);
        _observer = new(Path.Combine(data, "threads.db"));
    }

    /// <returns>How many servers have died, how often somebody was asked what became of a call, and how many answers were taken.</returns>
    public static async Task<(int Deaths, int Doubts, int Answers)> Of(string[] scripts, params Move[] moves)
    {
        using var play = new Play(scripts);
        List<ThreadEvent> happened = [.. (await play.Run(moves)).Values.SelectMany(log => log.Events)];
        return (play._everyone.Count - Move.Servers - 1, happened.Count(one => one is RequestOpened { Kind: RequestKind.InDoubt }), happened.Count(one => one is RequestAnswered));
    }

    public void Dispose()
    {
        _everyone.ForEach(server => server.Dispose());
        _observer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Dictionary<ThreadId, ThreadLog>> Run(Move[] moves)
    {
        List<Task> beside = [];
        foreach (var (number, move) in moves.Index())
        {
            _seconds++;
            await Replace();
            beside.Add(Do(move, number));
            if (!move.Beside)
            {
                await Rest(beside);
            }
        }

        await Rest(beside);
        return await Finish();
    }

    private async Task Replace()
    {
        for (var place = 0; place < _servers.Length; place++)
        {
            _servers[place] = _servers[place] is { IsDead: false } alive ? alive : await New(_servers[place]?.Clock.Off ?? TimeSpan.Zero);
        }
    }

    private async Task<Server> New(TimeSpan off, bool holds = true)
    {
        var server = new Server(_folder, _everyone.Count, _town, _held, () => Nine.AddSeconds(Interlocked.Read(ref _seconds))) { Holds = holds };
        server.Clock.Off = off;
        _everyone.Add(server);
        return await server.Begin();
    }

    private async Task Rest(List<Task> beside)
    {
        await Task.WhenAll(beside).WaitAsync(Patience);
        beside.Clear();
        await Settle();
        Check();
    }

    // Until every run has ended or is held up by a call, also those of the dead.
    private async Task Settle()
    {
        while (true)
        {
            var held = _held.Next;
            if (_everyone.SelectMany(server => _observer.Threads().Select(server.Moving)).FirstOrDefault(run => run is not null) is not { } moving)
            {
                return;
            }

            await Task.WhenAny(moving, held).WaitAsync(Patience);
        }
    }

    // One branch of a workflow may still move while another is held up: what the town had seen before and has seen after
    // the logs were read bounds what it had seen then.
    private Dictionary<ThreadId, ThreadLog> Check()
    {
        var before = _town.Times();
        var logs = _observer.Logs();
        var happened = new Happenings(before, _town.Times());
        List<string> wrong = [.. _reference.Violations(logs), .. logs.Values.SelectMany(log => LogRules.Violations(log, happened)), .. _observer.StrayLeases()];
        Assert.True(wrong.Count == 0, Observer.Tell(wrong, logs));
        return logs;
    }

    private async Task Do(Move move, int number)
    {
        var server = _servers[move.Server];
        try
        {
            await Task.Run(() => new Deed(_reference, _town, _observer, _scripts).Do(move, number, server));
        }
        catch (Exception e) when (server.IsDead && e is DatabaseException or ObjectDisposedException)
        {
            // Whoever asked got no answer.
            return;
        }
    }

    private async Task<Dictionary<ThreadId, ThreadLog>> Finish()
    {
        _everyone.ForEach(server => server.Die());
        await Settle();
        var last = await New(TimeSpan.FromDays(1), holds: false);
        for (var round = 0; round < 100 && _observer.Logs().Values.Any(log => !log.Thread.IsFinal); round++)
        {
            Interlocked.Add(ref _seconds, 60);
            await last.Runner.Recover();
            await Settle();
            foreach (var (log, open) in Deed.Answerable(_observer.Logs()))
            {
                var (approved, response) = Deed.Decide(_town, log, open, choice: 0);
                await last.Host.Answer(log.Thread.Id, AgentBench.Me, open.Id, approved, response, null);
                await Settle();
            }
        }

        var logs = Check();
        List<string> wrong = [.. logs.Values.SelectMany(LogRules.Unfinished), .. _observer.Leases(), .. _observer.Flaws()];
        Assert.True(wrong.Count == 0, Observer.Tell(wrong, logs));
        return logs;
    }
}
