using AgentMcp.Faults.World;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Faults.Sweep;

/// <summary>What must hold when all is over: everything has ended, each thing was begun once, and nothing is left behind.</summary>
internal static class Ending
{
    public static IReadOnlyList<string> Open(Database database)
    {
        using var connection = database.Connect();
        return [.. connection.Query<string>("SELECT thread_id || ' (' || agent || ', ' || status || coalesce(' ' || kind, '') || ', version ' || version || ')' FROM threads WHERE status IN ('running', 'pending')")];
    }

    public static IEnumerable<string> Unfinished(Database database, int errands)
    {
        using var connection = database.Connect();
        var roots = connection.ExecuteScalar<int>("SELECT count(*) FROM threads WHERE parent_id IS NULL");
        return Open(database).Select(thread => $"{thread} has not ended")
            .Concat(roots == errands ? [] : [$"{errands} errands have {roots} threads"])
            .Concat(connection.Query<string>("SELECT data FROM events WHERE version = 1").Select(ThreadJson.Read).OfType<ThreadStarted>().Where(start => start.Parent is not null)
                .CountBy(start => (start.Parent, start.ParentCall)).Where(call => call.Value > 1).Select(call => $"{call.Key.Parent}: {call.Key.ParentCall} has {call.Value} children"));
    }

    public static List<string> LeftBehind(Database database, TheWorld world)
    {
        using var connection = database.Connect();
        return
        [
            .. connection.Query<string>("SELECT thread_id FROM leases").Select(thread => $"{thread}: its lease was left behind"),
            .. Processes.With(world.Home).Select(process => $"left behind: {Processes.NameOf(process)}"),
        ];
    }

    /// <summary>Every git that no living server waits for.</summary>
    public static IReadOnlyList<int> Orphans(TheWorld world) =>
        [.. Processes.With(world.Home).Where(process => Processes.NameOf(process).StartsWith("git", StringComparison.Ordinal) && !Processes.IsBelow(process, "serve"))];
}
