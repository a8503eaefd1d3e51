using System.Collections.Concurrent;
using AgentMcp.Faults.World;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Faults.Sweep;

/// <summary>What a client was told: this status at this version.</summary>
internal sealed record Told(string Thread, int Version, string Status);

/// <summary>An answer that was acknowledged.</summary>
internal sealed record Given(string Thread, int Request, Said Said);

/// <param name="Words">Of a question.</param>
internal sealed record Said(bool? Approved, string? Words);

/// <summary>
/// The database as it is seen from outside, and what clients were told of it. What was told must be in it for ever, and
/// what was in it once must not change. Every look is one transaction of a connection of its own. Thread-safe.
/// </summary>
/// <param name="tally">Counts what was told and what of it was compared, so that a sweep that compares nothing shows.</param>
internal sealed class Archive(Database database, TheWorld world, Tally tally)
{
    /// <summary>What clients were told, and how much of it has been compared with the logs.</summary>
    public const string Heard = "what clients heard";
    public const string Versions = "a status at a version";
    public const string Answers = "that an answer was taken";
    public const string Said = "heard";
    public const string Compared = "compared";

    /// <summary>Events compared with what was read before.</summary>
    public const string ReadAgain = "events that were read again";
    public const string Here = "of the servers here";
    public const string There = "of the other server";

    private readonly Lock _checking = new();
    private readonly Dictionary<string, List<string>> _seen = [];
    private readonly ConcurrentQueue<Told> _told = new();
    private readonly ConcurrentQueue<Given> _given = new();
    private readonly ConcurrentDictionary<(string Thread, int Request, JsonText Arguments), bool> _approved = new();
    private readonly HashSet<string> _over = [];

    /// <summary>That of another server, whose threads did some of what happened.</summary>
    public Archive? Other { get; init; }

    /// <summary>The row of the table.</summary>
    public string Whose { get; init; } = Here;

    public void Tell(Told told)
    {
        tally.Count(Heard, Versions, Said);
        _told.Enqueue(told);
    }

    public void Acknowledge(Given given)
    {
        tally.Count(Heard, Answers, Said);
        _given.Enqueue(given);
    }

    /// <summary>Somebody is about to say yes to exactly these arguments.</summary>
    public void Approve(string thread, int request, string arguments) => _approved[(thread, request, JsonText.Parse(arguments))] = true;

    public bool IsApproved(string thread, int request, JsonText arguments) => _approved.ContainsKey((thread, request, arguments));

    public IReadOnlyList<ThreadEvent> Log(string thread)
    {
        using var connection = database.Connect();
        return [.. connection.Query<string>("SELECT data FROM events WHERE thread_id = @thread ORDER BY version", new { thread }).Select(ThreadJson.Read)];
    }

    /// <summary>Every thread that this owner was running: its newest event, and the key its root was started with.</summary>
    public IReadOnlyList<(string Thread, string Agent, string Last, string Key)> HeldBy(string owner)
    {
        using var connection = database.Connect();
        return [.. connection.Query<(string, string, string, string)>(
            """
            SELECT t.thread_id, t.agent, e.type, k.key
            FROM leases l JOIN threads t USING (thread_id) JOIN events e USING (thread_id, version) JOIN idempotency_keys k ON k.thread_id = t.root_id
            WHERE l.owner = @owner
            """, new { owner })];
    }

    /// <summary>How often it was asked what became of a call, and what was answered.</summary>
    public IReadOnlyList<(string Tool, string Outcome, int Times)> Doubts()
    {
        using var connection = database.Connect();
        return [.. connection.Query<(string, string, int)>(
            """
            SELECT json_extract(asked.data, '$.action.tool'), coalesce(json_extract(answered.data, '$.response.outcome'), 'none, it was cancelled'), count(*)
            FROM events asked
            LEFT JOIN events answered ON answered.thread_id = asked.thread_id AND answered.type = 'request_answered' AND json_extract(answered.data, '$.request') = asked.version
            WHERE asked.type = 'request_opened' AND json_extract(asked.data, '$.kind') = 'in_doubt'
            GROUP BY 1, 2
            """)];
    }

    /// <summary>Everything that is wrong. A thread that has ended and was found right is not looked at again, unless asked for all.</summary>
    public IReadOnlyList<string> Check(bool all = false)
    {
        lock (_checking)
        {
            // What has been done outside by now, and what was said by now, must be in what is read after it.
            var before = all && Other is not null ? world.All : [];
            List<Told> told = [.. Taken(_told)];
            List<Given> given = [.. Taken(_given)];
            var (rows, logs, wrong) = Read(told.Select(row => row.Thread).Concat(given.Select(row => row.Thread)).ToHashSet(), all);
            wrong.AddRange(before.Where(done => done.Key.Split('/')[0] is var thread && !rows.Contains(thread) && Other?.Log(thread) is null or []).Select(done => $"{done.Key}: {done.Tool} happened, and there is no such thread"));
            wrong.AddRange(told.SelectMany(row => Kept(row, logs.GetValueOrDefault(row.Thread))).Concat(given.SelectMany(row => Kept(row, logs.GetValueOrDefault(row.Thread)))));
            foreach (var (id, log) in logs)
            {
                List<string> found = [.. LogRules.Violations(log, world, this)];
                wrong.AddRange((found.Count > 0 ? Again(log) : []).Select(what => $"{id}: {what}"));
                if (log.Thread.IsFinal && found.Count == 0)
                {
                    _over.Add(id);
                }
            }

            return wrong;
        }
    }

    // The log was read before the world was looked at: what happened in between is no violation, and is in the log by now.
    private IEnumerable<string> Again(ThreadLog log)
    {
        var happened = LogRules.Outside(log, world);
        return LogRules.Violations(ThreadLog.Of(log.Thread.Id, Log(log.Thread.Id.Value)), world, this, happened);
    }

    private (HashSet<string> Rows, Dictionary<string, ThreadLog> Logs, List<string> Wrong) Read(HashSet<string> asked, bool all)
    {
        var logs = new Dictionary<string, ThreadLog>();
        var wrong = new List<string>();
        using var connection = database.Connect();
        // One transaction, so one moment.
        connection.Execute("BEGIN TRANSACTION");
        var rows = connection.Query<(string Id, string Status, int Version)>("SELECT thread_id, status, version FROM threads").ToList();
        foreach (var (id, status, version) in rows.Where(row => all || !_over.Contains(row.Id) || asked.Contains(row.Id)))
        {
            var events = connection.Query<(int Version, string Data)>("SELECT version, data FROM events WHERE thread_id = @id ORDER BY version", new { id }).ToList();
            wrong.AddRange(Unchanged(id, events).Select(what => $"{id}: {what}"));
            try
            {
                var log = logs[id] = ThreadLog.Of(ThreadId.Parse(id), events.Select(row => ThreadJson.Read(row.Data)));
                if (log.Thread.Version != version || WireName.Of(log.Thread.Status) != status)
                {
                    wrong.Add($"{id}: listed as {status} at version {version}, and its log says {WireName.Of(log.Thread.Status)} at {log.Thread.Version}");
                }
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException or System.Text.Json.JsonException)
            {
                wrong.Add($"{id}: does not fold: {e.Message}");
            }
        }

        connection.Execute("COMMIT TRANSACTION");
        return ([.. rows.Select(row => row.Id)], logs, wrong);
    }

    private IEnumerable<string> Unchanged(string id, List<(int Version, string Data)> events)
    {
        var seen = _seen.GetValueOrDefault(id, []);
        if (events.Count < seen.Count || !seen.SequenceEqual(events.Take(seen.Count).Select(row => row.Data)))
        {
            yield return $"what was read before has changed: there were {seen.Count} events and now there are {events.Count}";
        }

        if (!events.Select(row => row.Version).SequenceEqual(Enumerable.Range(1, events.Count)))
        {
            yield return "its versions have gaps";
        }

        tally.Count(ReadAgain, Whose, times: seen.Count);
        _seen[id] = [.. events.Select(row => row.Data)];
    }

    private IEnumerable<string> Kept(Told told, ThreadLog? log)
    {
        tally.Count(Heard, Versions, Compared);
        if (log is null || told.Version > log.Thread.Version)
        {
            yield return $"{told.Thread}: a client was told of version {told.Version}, and there are {log?.Thread.Version ?? 0}";
        }
        else if (WireName.Of(log.At(told.Version).Thread.Status) is var status && status != told.Status)
        {
            yield return $"{told.Thread}: a client was told '{told.Status}' at version {told.Version}, and it was '{status}'";
        }
    }

    private IEnumerable<string> Kept(Given given, ThreadLog? log)
    {
        tally.Count(Heard, Answers, Compared);
        var stored = log?.Events.OfType<RequestAnswered>().FirstOrDefault(answer => answer.Request.Version == given.Request);
        if (stored is null || stored.Approved != given.Said.Approved || (given.Said.Words is not null && stored.Response?.AsString() != given.Said.Words))
        {
            yield return $"{given.Thread}: the answer {given.Said} to request {given.Request} was acknowledged, and what is there is {stored?.ToString() ?? "nothing"}";
        }
    }

    private static IEnumerable<T> Taken<T>(ConcurrentQueue<T> queue)
    {
        while (queue.TryDequeue(out var item))
        {
            yield return item;
        }
    }
}
