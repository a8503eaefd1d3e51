using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// The messages that are owed to people, and what came back in. Several processes share it: a message that is due is
/// claimed by one, and by another when that one has not said within <see cref="ClaimTime"/> what became of it. So a
/// message is sent at least once; twice only when its sender died in between. Thread-safe.
/// </summary>
public sealed partial class Outbox(Database database, ThreadStore store)
{
    /// <summary>How long a process may take to send one message.</summary>
    public static readonly TimeSpan ClaimTime = TimeSpan.FromMinutes(1);

    /// <summary>After this a message to a channel that nobody serves is claimed by a process that does not know it, to say so.</summary>
    public static readonly TimeSpan Unserved = TimeSpan.FromMinutes(1);

    // Of a row that was claimed; one that nobody has tried to send yet is still the same message. Being counted as one
    // more attempt takes it from whoever claimed it.
    private const string NextRound =
        """
        state = 'open', due_at = excluded.due_at, error = NULL, reference = NULL,
        round = round + (attempts > 0), attempts = attempts + (attempts > 0), spent = attempts + (attempts > 0),
        earlier = iif(state = 'delivered', json_insert(coalesce(earlier, '[]'), '$[#]', json(coalesce(reference, 'null'))), earlier)
        """;

    /// <summary>When the next message of a channel is due; null when none is owed. A claimed one is due when its claim ends.</summary>
    public DateTimeOffset? NextDue(string channel) => database.Read(session =>
        session.Scalar<object>("SELECT min(due_at) FROM deliveries WHERE channel = $1 AND state = 'open'", channel) is long due
            ? DateTimeOffset.FromUnixTimeMilliseconds(due) : (DateTimeOffset?)null);

    /// <summary>Takes the longest due message of a channel; null when none is due.</summary>
    public async Task<Delivery?> Claim(string channel, DateTimeOffset now) =>
        NextDue(channel) <= now ? await store.Commits.Run(session => Claim(session, Next(session, channel, now), now)).ConfigureAwait(false) : null;

    /// <summary>Takes a message to a channel that is none of these and that nobody else has taken for a while.</summary>
    public async Task<Delivery?> ClaimUnserved(IEnumerable<string> served, DateTimeOffset now)
    {
        var names = JsonText.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var name in served)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        });
        var before = now - Unserved;
        return database.Read(session => Unknown(session, names, before)) is not null
            ? await store.Commits.Run(session => Claim(session, Unknown(session, names, before), now)).ConfigureAwait(false)
            : null;
    }

    /// <summary>It was sent. That counts also when another process has claimed it meanwhile, or when it was dropped while it was sent; where it was escalated again by then, with another word, that is still owed.</summary>
    public Task Delivered(Delivery sent, JsonText? reference, DateTimeOffset now) => store.Commits.Run(session =>
    {
        var key = Key.Of(sent);
        var late = session.Scalar<string>("SELECT state FROM deliveries WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = $4",
            key.Thread, key.Request, key.Channel, key.Kind) == "dropped";
        var name = reference is { IsNull: false } named ? named.Text : null;
        if (session.Execute(
            """
            UPDATE deliveries SET state = 'delivered', due_at = NULL, reference = $5, error = NULL
            WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = $4 AND round = $6
            """, key.Thread, key.Request, key.Channel, key.Kind, name, (long)sent.Round) == 0)
        {
            session.Execute(
                """
                UPDATE deliveries SET earlier = json_insert(coalesce(earlier, '[]'), '$[#]', json(coalesce($5, 'null')))
                WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = $4
                """, key.Thread, key.Request, key.Channel, key.Kind, name);
        }

        if (sent.Kind == DeliveryKind.Request)
        {
            Remind(session, key, now);
        }

        return late ? Close(session, key, now) : 0;
    });

    /// <summary>It could not be sent. Nothing happens when it was dropped meanwhile, or claimed by another process.</summary>
    /// <param name="again">When to try it again; null to give up.</param>
    /// <param name="isAttempt">False when nobody tried, which uses up no attempt.</param>
    public Task Failed(Delivery tried, string error, DateTimeOffset? again, bool isAttempt = true)
    {
        var key = Key.Of(tried);
        return store.Commits.Run(session => session.Execute(
            """
            UPDATE deliveries SET state = iif($6 IS NULL, 'abandoned', 'open'), due_at = $6, error = $7, spent = spent + $8
            WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = $4 AND attempts = $5 AND state = 'open'
            """, key.Thread, key.Request, key.Channel, key.Kind, (long)tried.Claim, again?.ToUnixTimeMilliseconds(), error, isAttempt ? 0L : 1L));
    }

    /// <summary>Nobody needs it any more: what it asks is settled. Nothing happens when another process has claimed it meanwhile, which finds the same.</summary>
    public Task Drop(Delivery claimed)
    {
        var key = Key.Of(claimed);
        return store.Commits.Run(session => session.Execute(
            """
            UPDATE deliveries SET state = 'dropped', due_at = NULL
            WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = $4 AND attempts = $5 AND state = 'open'
            """, key.Thread, key.Request, key.Channel, key.Kind, (long)claimed.Claim));
    }

    /// <summary>Gives a claim back unused, for another process to take at once.</summary>
    public Task Release(Delivery claimed, DateTimeOffset now)
    {
        var key = Key.Of(claimed);
        return store.Commits.Run(session => session.Execute(
            """
            UPDATE deliveries SET due_at = $6
            WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = $4 AND attempts = $5 AND state = 'open'
            """, key.Thread, key.Request, key.Channel, key.Kind, (long)claimed.Claim, now.ToUnixTimeMilliseconds()));
    }

    /// <summary>Whether anybody was, or may have been, told of a request through a channel. Nobody else answers through it.</summary>
    public bool WasTold(ThreadId thread, RequestId request, string channel) => database.Read(session => session.Scalar<long>(
        "SELECT count(*) FROM deliveries WHERE thread_id = $1 AND request = $2 AND channel = $3 AND attempts > 0",
        thread.Value, (long)request.Version, channel)) > 0;

    // A reminder of what nobody was told yet waits until they were, or until telling them was given up.
    private static Key? Next(Session session, string channel, DateTimeOffset now) => session.Rows(
        """
        SELECT thread_id, request, channel, kind FROM deliveries d WHERE channel = $1 AND state = 'open' AND due_at <= $2
          AND NOT (kind = 'reminder' AND EXISTS (SELECT 1 FROM deliveries r WHERE r.thread_id = d.thread_id
            AND r.request = d.request AND r.channel = d.channel AND r.kind = 'request' AND r.state = 'open'))
        ORDER BY due_at LIMIT 1
        """, Key.Read, channel, now.ToUnixTimeMilliseconds()).FirstOrDefault();

    private static Key? Unknown(Session session, JsonText served, DateTimeOffset before) => session.Rows(
        """
        SELECT thread_id, request, channel, kind FROM deliveries
        WHERE state = 'open' AND due_at <= $2 AND channel NOT IN (SELECT value FROM json_each($1)) ORDER BY due_at LIMIT 1
        """, Key.Read, served.Text, before.ToUnixTimeMilliseconds()).FirstOrDefault();

    private static Delivery? Claim(Session session, Key? key, DateTimeOffset now)
    {
        if (key is null)
        {
            return null;
        }

        var (claim, spent, round, error, note) = session.Rows(
            """
            UPDATE deliveries SET attempts = attempts + 1, due_at = $5 WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = $4
            RETURNING attempts, spent, round, error, note
            """, row => (row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4)),
            key.Thread, key.Request, key.Channel, key.Kind, (now + ClaimTime).ToUnixTimeMilliseconds())[0];
        var told = session.Rows(
            """
            SELECT * FROM (
              SELECT request, kind, reference, NULL AS round FROM deliveries WHERE thread_id = $1 AND channel = $2 AND kind <> 'closed' AND state = 'delivered'
              UNION ALL SELECT request, kind, nullif(earlier -> fullkey, 'null'), key FROM deliveries, json_each(earlier) WHERE thread_id = $1 AND channel = $2 AND kind <> 'closed')
            ORDER BY request, kind <> 'request', kind, round NULLS LAST
            """, row => new Told(new(row.GetInt32(0)), KindOf(row.GetString(1)), row.IsDBNull(2) ? null : JsonText.Parse(row.GetString(2))), key.Thread, key.Channel);
        return new(ThreadId.Parse(key.Thread), new((int)key.Request), key.Channel, KindOf(key.Kind), claim - spent, error, told, note, PlaceOf(session, key), round, claim);
    }

    private static Place? PlaceOf(Session session, Key key) => session.Scalar<string>("SELECT root_id FROM threads WHERE thread_id = $1", key.Thread) is { } root
        && Places.Of(session, root) is { } place && place.Channel == key.Channel ? place : null;

    // People are reminded so long after they were told, which may have been late.
    private static void Remind(Session session, Key key, DateTimeOffset told)
    {
        var data = session.Scalar<string>("SELECT data FROM events WHERE thread_id = $1 AND version = $2", key.Thread, key.Request);
        if (data is not null && ThreadJson.Read(data) is RequestOpened { Reach.RemindAt: { } at } asked)
        {
            session.Execute(
                "UPDATE deliveries SET due_at = $4 WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = 'reminder' AND state = 'open'",
                key.Thread, key.Request, key.Channel, (told + (at - asked.At)).ToUnixTimeMilliseconds());
        }
    }

    private static int Close(Session session, Key key, DateTimeOffset now) => session.Execute(
        $"""
        INSERT INTO deliveries (thread_id, request, channel, kind, state, due_at) VALUES ($1, $2, $3, 'closed', 'open', $4)
        ON CONFLICT DO UPDATE SET {NextRound}
        """, key.Thread, key.Request, key.Channel, now.ToUnixTimeMilliseconds());

    private static DeliveryKind KindOf(string name) => Enum.Parse<DeliveryKind>(name, ignoreCase: true);

    private sealed record Key(string Thread, long Request, string Channel, string Kind)
    {
        public static Key Of(Delivery delivery) => new(delivery.Thread.Value, delivery.Request.Version, delivery.Channel, WireName.Of(delivery.Kind));

        public static Key Read(Row row) => new(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3));
    }
}
