using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class StoredResultTests : IDisposable
{
    private static readonly JsonText Arguments = JsonText.Parse("""{"tag":"v1.4.0","note":"<é & \"quotes\">"}""");

    private readonly TemporaryDatabase _files = new();
    private readonly Database _database;
    private readonly Owner _owner;
    private readonly ThreadStore _store;

    public StoredResultTests()
    {
        _database = _files.Open();
        _owner = new(_database);
        _store = new(_database, _owner);
    }

    public void Dispose()
    {
        _store.Dispose();
        _owner.Dispose();
        _files.Dispose();
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task The_newest_one_of_the_same_tool_arguments_and_principal_that_is_young_enough()
    {
        await Thread("local", "tag_push", Arguments, Nine.AddSeconds(1.25), "1");
        var (newest, _) = (await Thread("local", "tag_push", Arguments, Nine.AddSeconds(2), "2"), await Thread("mia", "tag_push", Arguments, Nine.AddSeconds(3), "3"));
        await Thread("local", "other", Arguments, Nine.AddSeconds(4), "4");
        await Thread("local", "tag_push", JsonText.Null, Nine.AddSeconds(5), "5");
        await Thread("local", "tag_push", Arguments, Nine.AddSeconds(6), "6", new Cached(newest, 4, Nine.AddSeconds(2)));

        Assert.Equal((JsonText.Parse("2"), new Cached(newest, 4, Nine.AddSeconds(2))), _store.Results.Newest("local", "sha256:d1", "tag_push", Arguments, Nine));
        Assert.Equal(JsonText.Parse("2"), _store.Results.Newest("local", "sha256:d1", "tag_push", Arguments, Nine.AddSeconds(1.5))!.Value.Result);
        Assert.Null(_store.Results.Newest("local", "sha256:d1", "tag_push", Arguments, Nine.AddSeconds(2)));
        Assert.Null(_store.Results.Newest("ravi", "sha256:d1", "tag_push", Arguments, Nine));
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task Only_what_a_tool_returned_itself_under_the_same_definition()
    {
        var (began, chose) = ((ThreadStarted)Happened.Started, new StepChosen(Nine, "tag_push", Arguments, "rules"));
        var returned = new ToolReturned(Nine.AddSeconds(1), new(2), JsonText.Parse("1"));
        await Copy(began with { Definition = "sha256:d2" }, chose, Began(), returned);
        // A person gave it, or approved other arguments for it.
        await Copy(began, chose, Asked(RequestKind.ExternalResult), Answered(3, response: "1"), returned);
        await Copy(began, chose, AskedApproval(), Answered(3, approved: true), Began(), returned);
        // It began under this definition and went on under another.
        await Copy(began, Asked(), Answered(2), new DefinitionChanged(Nine, "sha256:d2", "mia", "stdio"), chose, Began(5), returned with { Call = new(5) });

        Assert.Null(_store.Results.Newest("local", "sha256:d1", "tag_push", Arguments, Nine.AddSeconds(-1)));

        var own = await Copy(began, Asked(), Answered(2), chose, Began(4), returned with { At = Nine, Call = new(4), Result = JsonText.Parse("2") });
        Assert.Equal((JsonText.Parse("2"), new Cached(own, 6, Nine)), _store.Results.Newest("local", "sha256:d1", "tag_push", Arguments, Nine.AddSeconds(-1)));
    }

    [Fact]
    public async Task Only_what_was_looked_at_since_however_late_it_was_told()
    {
        await Copy(Happened.Started, new StepChosen(Nine, "tag_push", Arguments, "rules"), Began(), new ToolReturned(Nine.AddSeconds(9), new(2), JsonText.Parse("1")));

        Assert.NotNull(_store.Results.Newest("local", "sha256:d1", "tag_push", Arguments, Nine.AddSeconds(-1)));
        Assert.Null(_store.Results.Newest("local", "sha256:d1", "tag_push", Arguments, Nine.AddSeconds(5)));
    }

    [Fact]
    public void Is_found_by_its_index()
    {
        using var connection = _database.Connect();
        var plan = connection.Query("EXPLAIN QUERY PLAN " + StoredResults.Sql.Replace("$1", "'2026'", StringComparison.Ordinal).Replace("$2", "'local'", StringComparison.Ordinal).Replace("$3", "'look'", StringComparison.Ordinal).Replace("$4", "'sha256:d1'", StringComparison.Ordinal))
            .Select(row => (string)row.detail).ToList();

        Assert.Contains(plan, step => step.Contains("USING INDEX events_returned", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("events_returned", StringComparison.Ordinal));
    }

    private async Task<ThreadId> Thread(string principal, string tool, JsonText arguments, DateTimeOffset at, string result, Cached? cached = null)
    {
        ThreadEvent[] chosen = [(ThreadStarted)Happened.Started with { Principal = principal }, new StepChosen(at, tool, arguments, "rules")];
        var returned = new ToolReturned(at, new(2), JsonText.Parse(result), cached);
        return await Copy(cached is null ? [.. chosen, Began(), returned] : [.. chosen, returned]);
    }

    private async Task<ThreadId> Copy(params ThreadEvent[] events)
    {
        var log = ThreadLog.Of(ThreadId.New(events[^1].At), events);
        await _store.Copy(log, takeLease: false);
        return log.Thread.Id;
    }
}
