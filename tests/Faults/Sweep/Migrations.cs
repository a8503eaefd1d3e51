using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Faults.Sweep;

/// <summary>
/// Processes that find a database of the first version there ever was and are killed while they migrate it. Whoever comes
/// next must be able to go on, with every event, and with a whole copy of how it was or none.
/// </summary>
internal sealed class Migrations(KillSweep sweep, int kills)
{
    private const int Threads = 40;

    /// <returns>How many were killed.</returns>
    public async Task<int> Run()
    {
        var folder = Directory.CreateDirectory(Path.Combine(sweep.World.Home, "old")).FullName;
        var template = Path.Combine(folder, "template.db");
        var events = Make(template);
        for (var number = 1; number <= kills; number++)
        {
            if (sweep.Take() is not { } kill)
            {
                return number - 1;
            }

            var plan = Plan.DrawMigrating(sweep.RandomOf("migration", number), number);
            var file = Path.Combine(folder, $"{number}.db");
            File.Copy(template, file);
            sweep.Note($"migration {number}: kill {kill}, {plan}");
            using var life = Life.Start(plan.Transport, sweep.World, file, plan.Die);
            await Task.WhenAny(life.Ended, Task.Delay(TimeSpan.FromSeconds(plan.Seconds)));
            life.Kill();
            await life.Ended;
            sweep.Toll.KilledMigrating(plan, life);
            Check(file, events).ToList().ForEach(what => sweep.Wrong($"migration {number}, {plan}: {what}"));
        }

        return kills;
    }

    private static List<string> Make(string file)
    {
        using var script = new StreamReader(typeof(Database).Assembly.GetManifestResourceStream("001_threads.sql")!);
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Execute(script.ReadToEnd());
        var started = new ThreadStarted(DateTimeOffset.UnixEpoch, "worker", "sha256:none", State.Json.JsonText.Of("go"), "local", "stdio", "message_received");
        List<string> events = [];
        for (var i = 0; i < Threads; i++)
        {
            var id = ThreadId.New(DateTimeOffset.UnixEpoch.AddSeconds(i)).Value;
            events.AddRange([ThreadJson.Write(started with { Input = State.Json.JsonText.Of(id) }), ThreadJson.Write(new ThreadCancelled(DateTimeOffset.UnixEpoch, "local", "stdio"))]);
            connection.Execute("INSERT INTO events (thread_id, version, data) VALUES (@id, 1, @started), (@id, 2, @cancelled)", new { id, started = events[^2], cancelled = events[^1] });
            connection.Execute("INSERT INTO threads (thread_id, agent, principal, status, version, root_id, created_at, updated_at) VALUES (@id, 'worker', 'local', 'cancelled', 2, @id, 0, 0)", new { id });
        }

        connection.Execute("PRAGMA user_version = 1");
        return events;
    }

    private static IEnumerable<string> Check(string file, List<string> events)
    {
        // Opening it is what the next process does first.
        using (var database = Database.Open(file))
        {
            using var connection = database.Connect();
            if (database.SchemaVersion() != Database.LatestVersion || connection.ExecuteScalar<string>("PRAGMA integrity_check") != "ok")
            {
                yield return $"the next process leaves it at version {database.SchemaVersion()}, {connection.ExecuteScalar<string>("PRAGMA integrity_check")}";
            }

            if (!events.SequenceEqual(connection.Query<string>("SELECT data FROM events ORDER BY thread_id, version")))
            {
                yield return "its events are not those it had";
            }
        }

        using var copy = new SqliteConnection($"Data Source={file}.v1.backup;Mode=ReadOnly;Pooling=False");
        copy.Open();
        if (copy.ExecuteScalar<int>("SELECT count(*) FROM events") != events.Count || copy.ExecuteScalar<int>("PRAGMA user_version") != 1)
        {
            yield return "the copy of how it was is not whole";
        }
    }
}
