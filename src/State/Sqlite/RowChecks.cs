using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>Rows beside the logs that do not fit them. Each is told by one question to the database.</summary>
internal sealed record RowChecks(string Sql, Func<string, string> What, string ToDo)
{
    public static IReadOnlyList<RowChecks> All { get; } =
    [
        new("""SELECT NULL, "table" || ' belongs to a row of ' || "parent" FROM pragma_foreign_key_check LIMIT 100""",
            row => $"A row of {row} that is not there.", Verification.Delete),
        new("SELECT thread_id, parent_id FROM threads WHERE parent_id NOT IN (SELECT thread_id FROM threads)",
            parent => $"What called it, {parent}, is not there.", Verification.Restore),
        new("SELECT l.thread_id, l.owner FROM leases l JOIN threads t USING (thread_id) WHERE t.status IN ('completed', 'failed', 'cancelled')",
            owner => $"It has ended and is still leased by {owner}.", Verification.Delete),
        new("SELECT p.thread_id, p.since FROM places p JOIN threads t USING (thread_id) WHERE p.since > t.version",
            since => $"It learnt where it came from at version {since}, which there is not.", Verification.Restore),
        new("SELECT d.thread_id, d.request FROM deliveries d LEFT JOIN events e ON e.thread_id = d.thread_id AND e.version = d.request WHERE e.version IS NULL OR e.type NOT IN ('request_opened', 'thread_completed', 'thread_failed', 'thread_cancelled')",
            request => $"A message is about event {request}, which asks nothing and ends nothing.", Verification.Delete),
        new($"SELECT r.thread_id, r.call FROM relays r LEFT JOIN events e ON e.thread_id = r.thread_id AND e.version = r.call WHERE (e.version IS NULL OR e.type <> 'step_chosen') AND r.next_at < {Relays.Never}",
            call => $"Something is under way for call_{call}, which was never chosen.", Verification.Delete),
        new("SELECT k.thread_id, k.key FROM idempotency_keys k JOIN threads t USING (thread_id) WHERE k.principal <> t.principal",
            key => $"The idempotency key '{key}' is another principal's.", Verification.Restore),
        new("SELECT p.thread_id, p.purge FROM purged p WHERE EXISTS (SELECT 1 FROM events e WHERE e.thread_id = p.thread_id) OR EXISTS (SELECT 1 FROM threads t WHERE t.thread_id = p.thread_id)",
            purge => $"Purge {purge} deleted it, and some of it is there.", Verification.Restore),
    ];

    public IEnumerable<Flaw> Of(Session session) => session.Rows(Sql,
        row => new Flaw(row.IsDBNull(0) ? null : row.GetString(0), What(row.GetValue(1)?.ToString() ?? ""), ToDo));

    /// <summary>Who is owed a message follows from the log for as long as a request is open, and nobody is once it is settled.</summary>
    public static IEnumerable<Flaw> OfDeliveries(Session session, IReadOnlyList<ThreadEvent> events, AgentThread thread)
    {
        var open = thread.OpenRequests.ToDictionary(request => (long)request.Id.Version);
        var owed = Owed(session, thread.Id);
        foreach (var (request, channel) in open.SelectMany(one => (one.Value.Asked.Reach?.Channels ?? []).Select(channel => (one.Key, Channel: channel.ToLowerInvariant()))))
        {
            if (!owed.Any(message => message.Request == request && message.Channel == channel && message.Kind == "request"))
            {
                yield return new(thread.Id.Value, $"Nobody is told through {channel} of what event {request} asks.", "Answer it with agentmcp answer, or restore a backup.");
            }
        }

        foreach (var message in owed.Where(message => message is { State: "open", Kind: not ("closed" or "ended") } && events[(int)message.Request - 1] is RequestOpened && !open.ContainsKey(message.Request)))
        {
            yield return new(thread.Id.Value, $"{message.Channel} is still to be told of event {message.Request}, which is settled.", "It is dropped when its turn comes.");
        }
    }

    private static List<(long Request, string Channel, string Kind, string State)> Owed(Session session, ThreadId thread) => session.Rows(
        "SELECT request, channel, kind, state FROM deliveries WHERE thread_id = $1 AND request <= (SELECT version FROM threads WHERE thread_id = $1)",
        row => (row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3)), thread.Value);
}
