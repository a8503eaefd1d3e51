namespace AgentMcp.State.Sqlite;

// What came in.
public sealed partial class Outbox
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    public bool IsKnown(string channel, string id) => database.Read(session =>
        session.Scalar<long>("SELECT count(*) FROM received WHERE channel = $1 AND id = $2", channel, id)) > 0;

    /// <summary>Remembers a message that came in; false when it was remembered already.</summary>
    public Task<bool> Remember(string channel, string id, DateTimeOffset now) => store.Commits.Run(session =>
    {
        session.Execute("DELETE FROM received WHERE at < $1", (now - Remembered).ToUnixTimeMilliseconds());
        return session.Execute("INSERT OR IGNORE INTO received (channel, id, at) VALUES ($1, $2, $3)", channel, id, now.ToUnixTimeMilliseconds()) == 1;
    });
}
