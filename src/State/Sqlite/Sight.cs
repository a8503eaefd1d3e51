using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>Which threads of others a reader sees beside its own.</summary>
public enum Others
{
    None,

    /// <summary>Those that wait with a request which it may answer, by the same rule that lets it answer.</summary>
    Asking,

    All,
}

/// <summary>
/// Which threads a reader sees. Threads of all principals are read principal by principal, each by the index that
/// begins with it, and merged: a page costs as much as there are principals, however many threads there are, and no index is
/// added to every write for the few who see everything. Threads of some agents alone are found by ThreadIndex.ByAgent.
/// </summary>
/// <param name="Own">Whose threads are seen whole; null when none are.</param>
/// <param name="Me">Under what name the reader is a responder.</param>
/// <param name="Only">The agents whose threads are seen, and what those called; null for all.</param>
/// <param name="Hidden">The agents whose threads are not.</param>
/// <param name="Known">The agents whose threads of others are seen; null for all, also of agents that are there no more.</param>
public sealed record Sight(
    string? Own, Others Others = Others.None, string Me = "", IReadOnlyCollection<string>? Only = null, IReadOnlyCollection<string>? Hidden = null, IReadOnlyCollection<string>? Known = null)
{
    private const string RootAgent = "(SELECT r.agent FROM threads r WHERE r.thread_id = threads.root_id)";

    // A request is open until an event names it that settles it; an answer that was refused names it too. Newest first: the
    // one request of an agent is its newest, but a workflow may have asked several, which are settled in any order.
    private const string AskedOfMe =
        """
         AND kind IN ('question', 'approval', 'external_result', 'budget', 'in_doubt') AND (
          SELECT 1 FROM events e
          WHERE e.thread_id = threads.thread_id AND e.type = 'request_opened'
            AND (json_extract(e.data, '$.kind') IN ('question', 'approval', 'budget', 'in_doubt')
              OR (json_extract(e.data, '$.kind') = 'external_result' AND json_extract(e.data, '$.answerable_by') = 'human'))
            AND coalesce(json_extract(e.data, '$.relay.only_there'), 0) = 0
            AND (json_extract(e.data, '$.responders') IS NULL
              OR EXISTS (SELECT 1 FROM json_each(e.data, '$.responders') WHERE value = @Me COLLATE NOCASE))
            AND NOT EXISTS (
              SELECT 1 FROM events s WHERE s.thread_id = e.thread_id AND s.version > e.version
                AND s.type IN ('request_answered', 'request_expired', 'request_withdrawn', 'sleep_ended')
                AND json_extract(s.data, '$.request') = e.version)
          ORDER BY e.version DESC LIMIT 1)
        """;

    /// <summary>Whoever is named sees what is its own.</summary>
    public static implicit operator Sight(string principal) => Of(principal);

    public static Sight Of(string principal) => new(principal);

    internal object? OnlyJson => Json(Only);

    internal object? HiddenJson => Json(Hidden);

    internal object? KnownJson => Json(Known);

    /// <summary>Whose threads there are to look through, in no order.</summary>
    internal IEnumerable<string> Principals(Session session) => Others == Others.None ? Own is null ? [] : [Own] : session.Rows(
        """
        WITH RECURSIVE known (name) AS (
          SELECT min(principal) FROM threads
          UNION ALL
          SELECT (SELECT min(principal) FROM threads WHERE principal > name) FROM known WHERE name IS NOT NULL)
        SELECT name FROM known WHERE name IS NOT NULL
        """, row => row.GetString(0));

    /// <summary>What is asked of a row of <c>threads</c> beside whose it is.</summary>
    internal string Sql(string principal) => ByAgent(principal, RootAgent) + (IsAsked(principal) ? AskedOfMe : "");

    /// <summary>What is asked of the agent at the root of a thread.</summary>
    internal string ByAgent(string principal, string agent) =>
        (Only is null ? "" : $" AND {agent} IN (SELECT value FROM json_each(@Only))")
            + (Hidden is null or { Count: 0 } ? "" : $" AND {agent} COLLATE NOCASE NOT IN (SELECT value FROM json_each(@Hidden))")
            + (Known is null || principal == Own ? "" : $" AND {agent} IN (SELECT value FROM json_each(@Known))");

    /// <summary>Whether nothing but the agent at its root decides whether a principal's thread is seen.</summary>
    internal bool IsByAgent(string principal) => !IsAsked(principal) && ByAgent(principal, RootAgent).Length > 0;

    /// <summary>Whether of a principal's threads only those are seen that wait with a request to the reader.</summary>
    internal bool IsAsked(string principal) => Others == Others.Asking && principal != Own;

    /// <summary>Whether one thread ($1) is seen by whose it is ($2) or by whoever bears a name ($3) for what it asks.</summary>
    internal static string OneSql { get; } =
        $"SELECT coalesce((SELECT CASE WHEN principal = $2 THEN 1 ELSE (1{AskedOfMe.Replace("@Me", "$3", StringComparison.Ordinal)}) END FROM threads WHERE thread_id = $1), 0)";

    private static string? Json(IReadOnlyCollection<string>? names) => names is null ? null : AgentMcp.State.Json.JsonText.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }).Text;
}
