using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>Which thread a caller's key stands for. Within a transaction of the store.</summary>
internal static class IdempotencyKeys
{
    public static void Write(Session session, ThreadStarted started, string key, ThreadId id) =>
        session.Execute("INSERT INTO idempotency_keys (principal, key, thread_id, call) VALUES ($1, $2, $3, $4)",
            started.Principal, key, id.Value, CallOf(started));

    /// <returns>Null when the key is new.</returns>
    /// <exception cref="RefusedException">It stands for another call.</exception>
    public static ThreadId? Find(Session session, ThreadStarted started, string key) => Find(session, started.Principal, key) switch
    {
        null => null,
        var (id, call) when call == CallOf(started) => id,
        var (id, _) => throw new RefusedException(RefusalCode.IdempotencyConflict,
            $"The idempotency_key '{key}' already stands for {id}, which was started with another agent or input. Use a new key for a new call, or call get_thread with that thread_id."),
    };

    /// <returns>The thread, and the digest of the agent and the input it was started with.</returns>
    public static (ThreadId Id, string Call)? Find(Session session, string principal, string key) =>
        session.Rows("SELECT thread_id, call FROM idempotency_keys WHERE principal = $1 AND key = $2",
            row => (Id: ThreadId.Parse(row.GetString(0)), Call: row.GetString(1)), principal, key) is [var found] ? found : null;

    private static string CallOf(ThreadStarted started) => ActionDigest.Of(started.Agent, started.Input);
}
