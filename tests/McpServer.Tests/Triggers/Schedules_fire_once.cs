using AgentMcp.Server.Tests.Running;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Schedules_fire_once : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _agents;

    public Schedules_fire_once()
    {
        _agents = Directory.CreateDirectory(Path.Combine(_folder.Path, "agents")).FullName;
        File.WriteAllText(Path.Combine(_agents, "porter.agent.md"), """
            ---
            name: porter
            description: Looks after doors, every second.
            model: caller
            schedule: "* * * * * *"
            tools: [done_for_now]
            ---
            You are a porter.

            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Accepts", "F11.5")]
    [Trait("Accepts", "F7.7")]
    public async Task However_many_processes_look_and_however_they_end_each_due_time_starts_one_thread()
    {
        await using var web = await Start(Transport.Http);
        await using (var host = await Start(Transport.Stdio))
        {
            await Fired(2);
            await host.Kill();
        }

        await using var another = await Start(Transport.Stdio);
        await Fired(4);
        await web.Kill();
        var before = Due().Count;
        await Fired(before + 2);
        var due = Due();
        Assert.Equal(due.Count, due.Distinct().Count());
        Assert.Equal(due.Order(StringComparer.Ordinal), due);
        Assert.Equal(("schedule", "schedule"), (Scalar("SELECT data ->> 'trigger' FROM events WHERE version = 1 LIMIT 1"), Scalar("SELECT data ->> 'channel' FROM events WHERE version = 1 LIMIT 1")));
    }

    private Task<RunningServer> Start(Transport transport) =>
        RunningServer.Start(transport, _folder.Database, settings: new Dictionary<string, string> { ["agents"] = _agents });

    private async Task Fired(int atLeast)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Due().Count < atLeast)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The due times of what was started, in the order it was.</summary>
    private List<string> Due()
    {
        using var database = new SqliteConnection($"Data Source={_folder.Database}");
        database.Open();
        using var command = new SqliteCommand("SELECT data -> 'input' ->> 'due' FROM events WHERE version = 1 ORDER BY thread_id", database);
        using var rows = command.ExecuteReader();
        var due = new List<string>();
        while (rows.Read())
        {
            due.Add(rows.GetString(0));
        }

        return due;
    }

    private string Scalar(string sql)
    {
        using var database = new SqliteConnection($"Data Source={_folder.Database}");
        database.Open();
#pragma warning disable CA2100 // the test's own words
        using var command = new SqliteCommand(sql, database);
#pragma warning restore CA2100
        return (string)command.ExecuteScalar()!;
    }
}
