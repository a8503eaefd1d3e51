using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Messages that came in through triggers: stored before their sender is told that they were taken, worked on by one
/// process at a time after that, in each conversation in the order they came. Thread-safe, and safe between processes.
/// </summary>
public sealed class Arrivals(Database database, ThreadStore store)
{
    /// <summary>How long a process may work on one message.</summary>
    public static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(1);

    /// <summary>For so long a repetition is known as one.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    // Of a crowd that waits the first few are looked at; where their conversations are all at work, as many times more.
    private const long Few = 32;

    /// <summary>Called when a message was stored, or one that waited need wait no longer.</summary>
    public event Action? Came;

    /// <summary>Stores a message; false when one of this id came before.</summary>
    /// <param name="data">What there is to do, in a form the trigger can read.</param>
    public async Task<bool> Take(string source, string id, string? conversation, JsonText data, DateTimeOffset now)
    {
        var isNew = await store.Commits.Run(session =>
        {
            session.Execute("DELETE FROM arrivals WHERE at < $1 AND state <> 'open'", (now - Remembered).ToUnixTimeMilliseconds());
            return session.Execute(
                "INSERT OR IGNORE INTO arrivals (source, id, at, conversation, state, due_at, data) VALUES ($1, $2, $3, $4, 'open', $3, $5)",
                source, id, now.ToUnixTimeMilliseconds(), conversation, data.Text) == 1;
        }).ConfigureAwait(false);
        Came?.Invoke();
        return isNew;
    }

    public bool IsKnown(string source, string id) => database.Read(session =>
        session.Scalar<long>("SELECT count(*) FROM arrivals WHERE source = $1 AND id = $2", source, id)) > 0;

    /// <summary>Whether a message of this conversation still waits to be worked on.</summary>
    public bool IsExpected(string source, string conversation) => database.Read(session => session.Scalar<long>(
        "SELECT count(*) FROM arrivals WHERE source = $1 AND state = 'open' AND conversation = $2", source, conversation)) > 0;

    /// <summary>When the next message of a trigger can be worked on; null when there is none.</summary>
    public DateTimeOffset? NextDue(string source) => database.Read(session =>
        session.Scalar<object>("SELECT min(due_at) FROM arrivals WHERE source = $1 AND state = 'open'", source) is long due
            ? DateTimeOffset.FromUnixTimeMilliseconds(due) : (DateTimeOffset?)null);

    /// <summary>Takes the message of a trigger that has been due the longest; null when none can be worked on.</summary>
    public async Task<Arrival?> Claim(string source, DateTimeOffset now) =>
        NextDue(source) <= now ? await store.Commits.Run(session => Next(session, source, now) is { } id ? Claim(session, source, id, now) : null).ConfigureAwait(false) : null;

    /// <summary>It is dealt with and led to no event. Nothing happens when it was used up or claimed by another process.</summary>
    /// <param name="error">Why it was refused; null when there was nothing to do.</param>
    public Task Settle(Arrival arrival, string? error) => store.Commits.Run(session => session.Execute(
        """
        UPDATE arrivals SET state = iif($4 IS NULL, 'done', 'refused'), due_at = NULL, data = NULL, error = $4
        WHERE source = $1 AND id = $2 AND attempts = $3 AND state = 'open'
        """, arrival.Source, arrival.Id, (long)arrival.Attempt, error));

    /// <summary>It cannot be dealt with now and is tried again.</summary>
    /// <param name="isAttempt">False when nothing failed and it only has to wait, however long: that uses up no attempt.</param>
    public Task Postpone(Arrival arrival, string? error, DateTimeOffset again, bool isAttempt = true) => store.Commits.Run(session => session.Execute(
        "UPDATE arrivals SET due_at = $4, error = $5, attempts = attempts - $6 WHERE source = $1 AND id = $2 AND attempts = $3 AND state = 'open'",
        arrival.Source, arrival.Id, (long)arrival.Attempt, again.ToUnixTimeMilliseconds(), error, isAttempt ? 0L : 1L));

    /// <summary>What it was postponed for has come about. Nothing happens when it was claimed since.</summary>
    /// <param name="arrival">As it was claimed, and then waited without an attempt.</param>
    public async Task Wake(Arrival arrival, DateTimeOffset now)
    {
        await store.Commits.Run(session => session.Execute(
            "UPDATE arrivals SET due_at = min(due_at, $4) WHERE source = $1 AND id = $2 AND attempts = $3 - 1 AND state = 'open'",
            arrival.Source, arrival.Id, (long)arrival.Attempt, now.ToUnixTimeMilliseconds())).ConfigureAwait(false);
        Came?.Invoke();
    }

    /// <summary>The newest of each trigger, newest first.</summary>
    public IReadOnlyList<ArrivalRow> Latest(int limit) => database.Read(session => session.Rows(
        "SELECT source, id, at, state, error, thread_id FROM arrivals ORDER BY at DESC LIMIT $1",
        row => new ArrivalRow(row.GetString(0), row.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)), row.GetString(3), TextOf(row, 4), TextOf(row, 5)), (long)limit));

    // By when they are due and not by age: what waits for long comes up again and again, and would keep out whatever came after it.
    private static string? Next(Session session, string source, DateTimeOffset now)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        for (var few = Few; ; few *= Few)
        {
            var due = session.Rows(
                "SELECT id, conversation FROM arrivals WHERE source = $1 AND state = 'open' AND due_at <= $2 ORDER BY due_at, at, id LIMIT $3",
                row => (Id: row.GetString(0), Conversation: TextOf(row, 1)), source, now.ToUnixTimeMilliseconds(), few);
            // What is said in one conversation is dealt with in the order in which it was said.
            var free = due.Where(one => one.Conversation is null || held.Add(one.Conversation))
                .Select(one => one.Conversation is null ? one.Id : First(session, source, one.Conversation, now)).FirstOrDefault(id => id is not null);
            if (free is not null || due.Count < few)
            {
                return free;
            }
        }
    }

    private static string? First(Session session, string source, string conversation, DateTimeOffset now) => session.Scalar<string>(
        "SELECT iif(due_at <= $3, id, NULL) FROM arrivals WHERE source = $1 AND state = 'open' AND conversation = $2 ORDER BY at, id LIMIT 1",
        source, conversation, now.ToUnixTimeMilliseconds());

    private static Arrival Claim(Session session, string source, string id, DateTimeOffset now) => session.Rows(
        "UPDATE arrivals SET attempts = attempts + 1, due_at = $3 WHERE source = $1 AND id = $2 RETURNING data, at, attempts, error",
        row => new Arrival(source, id, JsonText.Parse(row.GetString(0)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetInt32(2), TextOf(row, 3)),
        source, id, (now + ClaimTime).ToUnixTimeMilliseconds())[0];

    private static string? TextOf(Row row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>A message that this process has claimed and now works on.</summary>
/// <param name="Source">The name of the trigger it came through.</param>
/// <param name="Attempt">How often it was claimed, this time included; times it only had to wait do not count.</param>
public sealed record Arrival(string Source, string Id, JsonText Data, DateTimeOffset At, int Attempt, string? LastError);

/// <param name="State">open, done or refused.</param>
public sealed record ArrivalRow(string Source, string Id, DateTimeOffset At, string State, string? Error, string? ThreadId);

/// <summary>The message is used up by what is written, and the thread learns where it came from.</summary>
public sealed record Arrived(Arrival Arrival, Place? Place = null) : Cause
{
    internal override bool Use(Session session, AgentThread thread)
    {
        if (session.Execute(
            """
            UPDATE arrivals SET state = 'done', due_at = NULL, data = NULL, error = NULL, thread_id = $4
            WHERE source = $1 AND id = $2 AND attempts = $3 AND state = 'open'
            """, Arrival.Source, Arrival.Id, (long)Arrival.Attempt, thread.Id.Value) == 0)
        {
            return false;
        }

        Place?.Write(session, thread);
        return true;
    }
}
