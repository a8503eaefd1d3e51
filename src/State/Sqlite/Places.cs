using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>Where a thread came from, and so where its replies go. Kept beside the log, for a channel to read and nobody else.</summary>
/// <param name="Source">The trigger it came through.</param>
/// <param name="Conversation">What its trigger calls the conversation; null when it has none.</param>
/// <param name="Channel">The channel through which replies go; null when nobody is told.</param>
/// <param name="Address">Where in that channel, in a form the channel can read.</param>
public sealed record Place(string Source, string? Conversation, string? Channel, JsonText Address)
{
    internal void Write(Session session, AgentThread thread) => session.Execute(
        "INSERT OR IGNORE INTO places (thread_id, since, source, conversation, channel, place) VALUES ($1, $2, $3, $4, $5, $6)",
        thread.Id.Value, (long)thread.Version, Source, Conversation, Channel, Address.Text);
}

/// <summary>Reads of the places of threads. A thread that another called has the place of its root. Thread-safe.</summary>
public sealed class Places(Database database)
{
    /// <summary>The newest thread of a conversation.</summary>
    public ThreadId? Find(string source, string conversation) => database.Read(session => session.Scalar<string>(
        "SELECT thread_id FROM places WHERE source = $1 AND conversation = $2 ORDER BY thread_id DESC LIMIT 1", source, conversation)) is { } id
            ? ThreadId.Parse(id) : null;

    /// <summary>Whether a thread, or what called it, came in through a trigger.</summary>
    public bool IsFrom(AgentThread thread, string source) => database.Read(session => session.Scalar<long>(
        "SELECT count(*) FROM places WHERE thread_id = $1 AND source = $2", RootOf(thread), source)) > 0;

    internal static Place? Of(Session session, AgentThread thread) => Of(session, RootOf(thread));

    internal static Place? Of(Session session, string root) => session.Rows(
        "SELECT source, conversation, channel, place FROM places WHERE thread_id = $1 ORDER BY since DESC LIMIT 1",
        row => new Place(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), JsonText.Parse(row.GetString(3))),
        root).FirstOrDefault();

    private static string RootOf(AgentThread thread) => (thread.Start.Root ?? thread.Id).Value;
}
