using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>When agents are due. Whoever fires moves the time on, in the transaction that starts the thread. Thread-safe, and safe between processes.</summary>
public sealed class Schedules(Database database, ThreadStore store)
{
    public Planned? Find(string agent) => All().FirstOrDefault(planned => planned.Agent == agent);

    public IReadOnlyList<Planned> All() => database.Read(session => session.Rows(
        "SELECT agent, expression, due_at, fired_for, thread_id FROM schedules ORDER BY agent",
        row => new Planned(row.GetString(0), row.GetString(1), Moment(row.GetInt64(2)), row.IsDBNull(3) ? null : Moment(row.GetInt64(3)), row.IsDBNull(4) ? null : row.GetString(4))));

    /// <summary>Plans an agent that has no plan yet, or one of another expression; that plan no longer counts.</summary>
    public Task Plan(string agent, string expression, DateTimeOffset due) => store.Commits.Run(session => session.Execute(
        """
        INSERT INTO schedules (agent, expression, due_at) VALUES ($1, $2, $3)
        ON CONFLICT DO UPDATE SET expression = excluded.expression, due_at = excluded.due_at WHERE expression <> excluded.expression
        """, agent, expression, due.ToUnixTimeMilliseconds()));

    /// <summary>Plans it for another time, unless somebody moved it on since.</summary>
    public Task Correct(Planned planned, DateTimeOffset due) => store.Commits.Run(session => session.Execute(
        "UPDATE schedules SET due_at = $4 WHERE agent = $1 AND expression = $2 AND due_at = $3",
        planned.Agent, planned.Expression, planned.Due.ToUnixTimeMilliseconds(), due.ToUnixTimeMilliseconds()));

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <param name="FiredFor">When its latest firing was due; null when it has not fired yet.</param>
/// <param name="ThreadId">What that started.</param>
public sealed record Planned(string Agent, string Expression, DateTimeOffset Due, DateTimeOffset? FiredFor = null, string? ThreadId = null);

/// <summary>The agent was due, and is due next at <paramref name="Next"/>.</summary>
public sealed record Fired(Planned Planned, DateTimeOffset Next) : Cause
{
    internal override bool Use(Session session, AgentThread thread) => session.Execute(
        "UPDATE schedules SET due_at = $4, fired_for = due_at, thread_id = $5 WHERE agent = $1 AND expression = $2 AND due_at = $3",
        Planned.Agent, Planned.Expression, Planned.Due.ToUnixTimeMilliseconds(), Next.ToUnixTimeMilliseconds(), thread.Id.Value) == 1;
}
