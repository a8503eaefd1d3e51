using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class MigrationTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    [Fact]
    public void A_new_file_has_the_latest_version_and_the_settings_that_keep_it_safe()
    {
        var database = _files.Open();
        using var connection = database.Connect();
        Assert.Equal(Database.LatestVersion, database.SchemaVersion());
        Assert.Equal(
            ("wal", 2, 1, 30_000),
            (connection.ExecuteScalar<string>("PRAGMA journal_mode"), connection.ExecuteScalar<int>("PRAGMA synchronous"),
                connection.ExecuteScalar<int>("PRAGMA foreign_keys"), connection.ExecuteScalar<int>("PRAGMA busy_timeout")));
    }

    [Fact]
    public void An_older_file_is_migrated_and_its_rows_stay_while_a_copy_keeps_it_as_it_was()
    {
        MakeVersionOne();
        Assert.Equal(Database.LatestVersion, _files.Open().SchemaVersion());
        Assert.Equal(("thread_started", 0), (_files.Scalar<string>("SELECT type FROM events"), _files.Scalar<int>("SELECT count(*) FROM leases")));
        using var copy = new SqliteConnection($"Data Source={_files.File}.v1.backup;Pooling=False");
        copy.Open();
        Assert.Equal(
            (1, "thread_started", 0, "ok"),
            (copy.ExecuteScalar<int>("PRAGMA user_version"), copy.ExecuteScalar<string>("SELECT type FROM events"),
                copy.ExecuteScalar<int>("SELECT count(*) FROM sqlite_schema WHERE name = 'leases'"), copy.ExecuteScalar<string>("PRAGMA integrity_check")));
    }

    [Fact]
    public void A_copy_that_a_crash_left_half_made_is_not_taken_for_one()
    {
        MakeVersionOne();
        File.WriteAllText(_files.File + ".v1.backup.partial", "half");
        Assert.Equal(Database.LatestVersion, _files.Open().SchemaVersion());
        Assert.Equal(["threads.db", "threads.db.v1.backup"], Directory.GetFiles(_files.Folder).Select(Path.GetFileName).Where(name => !name!.EndsWith("-wal") && !name.EndsWith("-shm")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_may_open_one_file_at_once_new_or_old(bool old)
    {
        if (old)
        {
            MakeVersionOne();
        }

        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _files.Open().SchemaVersion())));
        Assert.All(versions, version => Assert.Equal(Database.LatestVersion, version));
        Assert.Equal(old ? 1 : 0, _files.Scalar<int>("SELECT count(*) FROM events"));
    }

    [Fact]
    public void A_newer_file_is_refused_and_left_alone()
    {
        _files.Execute("PRAGMA user_version = 99");
        var e = Assert.Throws<DatabaseException>(_files.Open);
        Assert.Equal($"The database {_files.File} has schema version 99; this program knows versions up to {Database.LatestVersion}. Update AgentMcp, or choose another file with --db.", e.Message);
        using var connection = new SqliteConnection($"Data Source={_files.File};Pooling=False");
        Assert.Equal(99, connection.ExecuteScalar<int>("PRAGMA user_version"));
    }

    [Fact]
    public void A_migration_that_fails_leaves_the_file_as_it_was_and_can_be_tried_again()
    {
        MakeVersionOne("CREATE TABLE owners (in_the_way INTEGER) STRICT");
        var e = Assert.Throws<DatabaseException>(_files.Open);
        Assert.Equal($"{_files.File}: SQLite Error 1: 'table owners already exists'.", e.Message);
        using (var connection = new SqliteConnection($"Data Source={_files.File};Pooling=False"))
        {
            Assert.Equal(1, connection.ExecuteScalar<int>("PRAGMA user_version"));
            connection.Execute("DROP TABLE owners");
        }

        Assert.Equal(Database.LatestVersion, _files.Open().SchemaVersion());
    }

    [Fact]
    public void A_message_that_was_sent_by_an_earlier_version_is_the_first_of_its_kind()
    {
        using (var connection = new SqliteConnection($"Data Source={_files.File};Pooling=False"))
        {
            connection.Open();
            foreach (var version in Enumerable.Range(1, 11))
            {
                connection.Execute(Script(version));
            }

            connection.Execute("PRAGMA foreign_keys = OFF");
            connection.Execute("""INSERT INTO deliveries (thread_id, request, channel, kind, state, attempts, reference) VALUES ('thr_1', 3, 'boss', 'escalation', 'delivered', 2, '{"ts":"1"}')""");
            connection.Execute("PRAGMA user_version = 11");
        }

        Assert.Equal(Database.LatestVersion, _files.Open().SchemaVersion());
        Assert.Equal("delivered 2 {\"ts\":\"1\"} 0 0", _files.Scalar<string>("SELECT concat_ws(' ', state, attempts, reference, round, spent, earlier) FROM deliveries"));
    }

    public void Dispose() => _files.Dispose();

    private static string Script(int version)
    {
        var name = typeof(Database).Assembly.GetManifestResourceNames().Single(one => one.StartsWith($"{version:000}_", StringComparison.Ordinal));
        using var script = new StreamReader(typeof(Database).Assembly.GetManifestResourceStream(name)!);
        return script.ReadToEnd();
    }

    private void MakeVersionOne(string also = "")
    {
        using var script = new StreamReader(typeof(Database).Assembly.GetManifestResourceStream("001_threads.sql")!);
        using var connection = new SqliteConnection($"Data Source={_files.File};Pooling=False");
        connection.Execute(script.ReadToEnd() + also);
        connection.Execute("INSERT INTO events (thread_id, version, data) VALUES (@id, 1, @data); PRAGMA user_version = 1",
            new { id = Spec.Id.Value, data = ThreadJson.Write(Happened.Started) });
    }
}
