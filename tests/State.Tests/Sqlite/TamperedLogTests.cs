using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class TamperedLogTests
{
    [Theory]
    [InlineData("""{"type":"tool_started","call":9,"attempt":1,"at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"tool_started","call":1,"attempt":1,"at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"tool_started","call":3,"attempt":1,"at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"request_withdrawn","request":2,"reason":"x","at":"2026-03-01T09:00:00+00:00"}""")]
    public void An_event_that_refers_to_nothing_is_told_as_that(string third)
    {
        var id = ThreadId.New(DateTimeOffset.UnixEpoch);
        using var file = new TemporaryDatabase();
        using var store = file.Store();
        using var raw = new SqliteConnection($"Data Source={file.File};Pooling=False");
        raw.Open();
        foreach (var (version, data) in new[]
            {
                (1, """{"type":"thread_started","agent":"a","definition":"sha256:0","input":{},"principal":"local","channel":"stdio","trigger":"message_received","at":"2026-03-01T09:00:00+00:00"}"""),
                (2, """{"type":"step_chosen","intent":"add","arguments":{},"model":"rules","at":"2026-03-01T09:00:00+00:00"}"""),
                (3, third),
            })
        {
            using var command = raw.CreateCommand();
            command.CommandText = "INSERT INTO events (thread_id, version, data) VALUES ($1, $2, $3)";
            command.Parameters.AddWithValue("$1", id.Value);
            command.Parameters.AddWithValue("$2", version);
            command.Parameters.AddWithValue("$3", data);
            command.ExecuteNonQuery();
        }


        Assert.Throws<InvalidDataException>(() => store.Read(id));
    }
}
