using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class AuditTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;

    public AuditTests() => _store = _files.Store();

    [Fact]
    [Trait("Accepts", "F11.6")]
    public async Task An_answer_is_told_with_the_action_that_was_asked_about_and_other_answers_without()
    {
        var approved = await TemporaryDatabase.Begin(_store, Logs["Approved"]);
        var answered = await TemporaryDatabase.Begin(_store, [Happened.Started, Asked(), Answered(2, response: "\"that one\"")]);

        Assert.Equal(
            [
                new(At, "request_answered", approved.Thread.Id.Value, 4, "mia", "stdio",
                    JsonText.Parse($$"""{"type":"request_answered","request":3,"by":"mia","channel":"stdio","approved":true,"at":"{{At}}"}"""), "deploybot", "local",
                    JsonText.Parse($$"""{"tool":"tag_push","arguments":{"tag":"v1.4.0","sha":"9f2c1ab"},"digest":"{{TagPush.Digest}}"}""")),
                new AuditLine(At, "request_answered", answered.Thread.Id.Value, 3, "mia", "stdio",
                    JsonText.Parse($$"""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":"that one","at":"{{At}}"}"""), "deploybot", "local", null),
            ],
            Told().Where(line => line.Action == "request_answered").OrderByDescending(line => line.Version));
    }

    /// <summary>What is read at the edge nests up to 64 deep, and an event holds it deeper.</summary>
    [Fact]
    public async Task What_nests_as_deep_as_an_answer_may_is_told()
    {
        var deep = JsonText.Parse(new string('[', 64) + new string(']', 64));
        var action = ActionDigest.Bind("tag_push", deep);
        await TemporaryDatabase.Begin(_store, [Happened.Started, Chose(), (RequestOpened)AskedApproval() with { Action = action }, new RequestAnswered(Nine, new(3), "mia", "stdio", true, Arguments: deep)]);

        Assert.Equal([null, JsonText.Parse($$"""{"tool":"tag_push","digest":"{{action.Digest}}"}""")], Told().Select(line => line.Asked is { } asked ? Without(asked) : (JsonText?)null));
        Assert.Equal([deep.Text], Told().Where(line => line.Asked is not null).Select(line => line.Asked!.Value.Element().GetProperty("arguments").GetRawText()));
    }

    [Fact]
    public void No_line_reads_more_of_its_thread_than_what_follows_it_and_what_it_answers()
    {
        using var connection = _files.Open().Connect();
        var plan = connection.Query("EXPLAIN QUERY PLAN " + AuditTrail.Sql.Replace("$1", "''", StringComparison.Ordinal).Replace("$2", "0", StringComparison.Ordinal))
            .Select(row => (string)row.detail).Where(detail => detail.Contains(" asked ", StringComparison.Ordinal) || detail.Contains(" f ", StringComparison.Ordinal));

        Assert.Equal(
            ["SEARCH asked USING PRIMARY KEY (thread_id=? AND version=?) LEFT-JOIN", "SEARCH f USING PRIMARY KEY (thread_id=? AND version>?)"],
            plan.Order(StringComparer.Ordinal));
    }

    public void Dispose() => _files.Dispose();

    private static string At => "2026-03-01T09:00:00+00:00";

    private List<AuditLine> Told() => [.. new AuditTrail(_files.Open()).Since(DateTimeOffset.UnixEpoch)];

    private static JsonText Without(JsonText asked) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var member in asked.Element().EnumerateObject().Where(member => member.Name != "arguments"))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    });
}
