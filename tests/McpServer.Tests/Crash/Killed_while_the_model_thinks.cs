using System.Diagnostics;
using System.Globalization;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;
using Dapper;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>The model holds its reply while its server dies, hangs or is replaced.</summary>
public sealed partial class Killed_while_the_model_thinks : IDisposable
{
    private static readonly object Question = new { message = "what is 3 times 4?", idempotency_key = "one question" };
    private readonly TestFolder _folder = new();
    private readonly Database _database;

    public Killed_while_the_model_thinks() => _database = Database.Open(_folder.Database);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Accepts", "F6.1")]
    [Trait("Accepts", "R.6")]
    public async Task The_thread_is_stored_before_its_first_model_call_and_goes_on_by_itself()
    {
        await using var model = await HeldModel.Start();
        string stored, first;
        await using (var server = await RunningServer.Start(Transport.Http, _folder.Database, settings: model.Settings))
        {
            var cutOff = server.Ask("calculator", Question);
            first = (await model.Asked(Stop)).Body;
            stored = _database.OnlyThread()!;
            Assert.Equal("started calculator", Story.Outline(_database.Events(stored)));
            await server.Kill();
            await Assert.ThrowsAnyAsync<Exception>(async () => await cutOff);
        }

        await using var next = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: model.Settings);
        var again = await model.Asked(Stop);
        Assert.Equal(first, again.Body);
        again.Choose(new { intent = "multiply", a = 3, b = 4 });
        (await model.Asked(Stop)).Choose(new { intent = "done_for_now", message = "12" });
        var done = await next.Ask("calculator", Question);

        Assert.Equal(stored, done.GetProperty("thread_id").GetString());
        Assert.Equal(
            """
            started calculator
            openai:held chose multiply
            started multiply
            multiply returned 12
            openai:held chose done_for_now
            completed
            """, Story.Outline(_database.Events(stored)));
    }

    [Fact]
    [Trait("Accepts", "F6.1")]
    [Trait("Accepts", "R.3")]
    public async Task Another_running_server_takes_over_from_one_that_died()
    {
        await using var model = await HeldModel.Start();
        await using var owner = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: model.Settings);
        await using var other = await RunningServer.Start(Transport.Http, _folder.Database, settings: model.Settings);
        var cutOff = owner.Ask("calculator", Question);
        await model.Asked(Stop);

        await owner.Kill();
        await Assert.ThrowsAnyAsync<Exception>(() => cutOff);
        (await model.Asked(Stop)).Choose(new { intent = "done_for_now", message = "12" });
        var done = await other.Ask("wait_thread", new { thread_id = _database.OnlyThread() });

        Assert.Equal(("completed", "12"), (done.GetProperty("status").GetString(), done.GetProperty("output").GetProperty("message").GetString()));
    }

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task Another_running_server_takes_over_from_one_that_hangs_which_then_appends_nothing()
    {
        await using var model = await HeldModel.Start();
        await using var owner = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: model.Settings);
        await using var other = await RunningServer.Start(Transport.Http, _folder.Database, settings: model.Settings);
        var slow = owner.Ask("calculator", Question);
        var late = await model.Asked(Stop);

        var thread = _database.OnlyThread()!;
        Hang(owner);
        var taken = await model.Asked(Stop);
        late.Choose(new { intent = "done_for_now", message = "from the one that hung" });
        Signal("CONT", owner);
        // It is well again: by the time it has run another thread it has long had the late reply and tried to store it.
        var meanwhile = owner.Ask("calculator", new { message = "what is 2 times 2?" });
        (await model.Asked(Stop)).Choose(new { intent = "done_for_now", message = "4" });
        await meanwhile;
        Assert.Equal("started calculator", Story.Outline(_database.Events(thread)));

        taken.Choose(new { intent = "done_for_now", message = "from the one that took over" });
        var done = await other.Ask("wait_thread", new { thread_id = thread });

        Assert.Equal("from the one that took over", done.GetProperty("output").GetProperty("message").GetString());
        Assert.Equal(done.GetRawText(), (await slow).GetRawText());
        Assert.Equal("started calculator\nopenai:held chose done_for_now\ncompleted", Story.Outline(_database.Events(thread)));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_recovered_thread_can_be_cancelled_at_once_and_its_fork_goes_on()
    {
        await using var model = await HeldModel.Start();
        await using (var server = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: model.Settings))
        {
            var cutOff = server.Ask("calculator", Question);
            await model.Asked(Stop);
            await server.Kill();
            await Assert.ThrowsAnyAsync<Exception>(() => cutOff);
        }

        var thread = _database.OnlyThread()!;
        await using var next = await RunningServer.Start(Transport.Http, _folder.Database, settings: model.Settings);
        await model.Asked(Stop);
        var cancelled = await next.Ask("cancel_thread", new { thread_id = thread });
        var copy = next.Ask("fork_thread", new { thread_id = thread, at_version = 1 });
        (await model.Asked(Stop)).Choose(new { intent = "done_for_now", message = "12" });

        Assert.Equal(("cancelled", 2), (cancelled.GetProperty("status").GetString(), cancelled.GetProperty("version").GetInt32()));
        Assert.Equal("completed", (await copy).GetProperty("status").GetString());
    }

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_thread_that_waits_is_held_by_nobody_and_a_restart_leaves_it_as_it_was()
    {
        await using var model = await HeldModel.Start();
        string before;
        await using (var server = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: model.Settings))
        {
            var asking = server.Ask("calculator", Question);
            (await model.Asked(Stop)).Choose(new { intent = "divide", a = 3, b = 4 });
            before = (await asking).GetRawText();
            Assert.Equal(0, Leases());
            await server.Kill();
        }

        await using var next = await RunningServer.Start(Transport.Http, _folder.Database, settings: model.Settings);
        var after = await next.Ask("get_thread", new { thread_id = _database.OnlyThread() });
        // Only the server that was asked differs, and so where a person finds the page.
        Assert.Equal(before, InboxUrl().Replace(after.GetRawText(), "\"inbox_url\":null"));
        Assert.Equal(0, Leases());
    }

    [System.Text.RegularExpressions.GeneratedRegex("\"inbox_url\":\"[^\"]*\"")]
    private static partial System.Text.RegularExpressions.Regex InboxUrl();

    // Stopped while it cannot hold the writer's lock, and with its lease run out, as it would have in time.
    private void Hang(RunningServer server)
    {
        using var connection = _database.Connect();
        connection.Execute("BEGIN IMMEDIATE");
        Signal("STOP", server);
        connection.Execute("UPDATE owners SET expires_at = 0");
        connection.Execute("COMMIT");
    }

    private static void Signal(string signal, RunningServer server)
    {
        using var kill = Process.Start("kill", [$"-{signal}", server.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private int Leases()
    {
        using var connection = _database.Connect();
        return connection.ExecuteScalar<int>("SELECT count(*) FROM leases");
    }
}
