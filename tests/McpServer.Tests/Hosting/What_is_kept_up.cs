using System.Diagnostics;
using System.Text.Json;
using AgentMcp.Agents;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Triggers;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Hosting;

/// <summary>Whole processes but for their walls, on a clock that is moved by hand.</summary>
public sealed class What_is_kept_up : IAsyncDisposable
{
    // Only so that what never comes about is told and not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly Responder Me = new("local", "stdio");

    private readonly TestFolder _folder = new();
    private readonly HeldModel _model = new();
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly List<Core> _cores = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task A_thread_is_nobody_elses_while_it_runs_in_a_process_that_picks_up_none()
    {
        var (command, server) = (Begin(), Begin());
        var held = _model.Hold();
        var id = await command.Host.Start("calculator", Message(held.Word), Me);
        await held.Asked;

        await Renewals(command, 40);
        Assert.Equal(0, await server.Runner.Recover());

        held.Finish();
        await Ended(command, id);
        Assert.Equal(ThreadStatus.Completed, command.Host.Get(id, Me.By).Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task What_ends_a_sweep_ends_no_schedule_and_the_next_sweep_is_made()
    {
        Agent("porter", "model: caller\nschedule: \"0 10 * * *\"\ntools: [done_for_now]");
        var core = Begin();
        using var disk = core.Database.Connect();
        // A row that nobody can read, among those that can go on.
        disk.Execute("""
            INSERT INTO threads (thread_id, agent, principal, status, version, root_id, created_at, updated_at)
            VALUES (@id, 'porter', 'local', 'running', 1, @id, 0, 0)
            """, new { id = new string('?', 36) });
        core.Recover();
        await Until(() => Ticked() && core.Index.List(new("local") { Agent = "porter" }).Rows.Any(row => ThreadId.TryParse(row.ThreadId, out _)));

        Assert.False(core.HasRecovered);
        disk.Execute("UPDATE threads SET status = 'completed' WHERE thread_id = @id", new { id = new string('?', 36) });
        await Until(() => Ticked() && core.HasRecovered);
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task A_schedule_that_waits_for_a_server_holds_up_no_lease_no_sleep_and_no_stop()
    {
        var begun = Slow();
        Agent("porter", "model: caller\nschedule: \"* * * * *\"\ntools: [\"slow.*\", done_for_now]");
        Agent("sleeper", "model: caller\ntools: [await, done_for_now]");
        var core = Begin();
        core.Recover();
        await Until(() => core.Schedules.All().Count > 0);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Until(() => File.Exists(begun));

        var sleeper = await core.Host.Start("sleeper", Message("go"), Me);
        await Ended(core, sleeper);
        await core.Host.Answer(sleeper, Me, null, null, JsonText.Parse("""{"intent":"await","seconds":20}"""), null);
        var held = _model.Hold();
        var runs = await core.Host.Start("calculator", Message(held.Word), Me);
        await held.Asked;

        await Renewals(core, 40);
        await Until(() => core.Host.Get(sleeper, Me.By).Events.Any(happened => happened is SleepEnded));

        held.Finish();
        await Ended(core, runs);
        await core.Stop(TimeSpan.Zero).WaitAsync(Patience, Stop);
        Assert.DoesNotContain(core.Index.List(new("local")).Rows, row => row.Agent == "porter");
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task A_message_that_waits_for_a_server_holds_up_no_stop_and_is_left_to_whoever_is_next()
    {
        var begun = Slow();
        Agent("porter", "model: caller\ntools: [\"slow.*\", done_for_now]");
        var core = Begin(new() { ["triggers:ci:type"] = "webhook", ["triggers:ci:secret"] = Receiver.Secret, ["triggers:ci:agent"] = "porter" });
        core.Recover();
        await core.Triggers.Arrivals.Take("ci", "one", null, new Incoming.Message("porter", "ci", "message_received", Message("go"), null).Json(), _clock.GetUtcNow());
        await Until(() => File.Exists(begun));

        await core.Stop(TimeSpan.Zero).WaitAsync(Patience, Stop);

        Assert.Equal(_clock.GetUtcNow(), core.Triggers.Arrivals.NextDue("ci"));
        Assert.Empty(core.Index.List(new("local")).Rows);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var core in _cores)
        {
            await core.Stop(TimeSpan.Zero).WaitAsync(Patience);
            core.Dispose();
        }

        await _model.DisposeAsync();
        _folder.Dispose();
    }

    private Core Begin(Dictionary<string, string?>? more = null)
    {
        var core = new Core(Settings.Load(new Dictionary<string, string?>(more ?? [])
        {
            ["db"] = _folder.Database,
            ["model"] = "openai:held",
            ["base_url"] = _model.BaseUrl,
            ["agents"] = Directory.CreateDirectory(Path.Combine(_folder.Path, "agents")).FullName,
            ["agents_home"] = "off",
            ["mcp"] = File.Exists(Path.Combine(_folder.Path, "mcp.json")) ? Path.Combine(_folder.Path, "mcp.json") : null,
            ["mcp_start_timeout"] = "3600",
        }), NullLoggerFactory.Instance, _clock);
        _cores.Add(core);
        return core;
    }

    private void Agent(string name, string how)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "agents"));
        File.WriteAllText(Path.Combine(_folder.Path, "agents", $"{name}.agent.md"), $"---\nname: {name}\ndescription: Is {name}.\n{how}\n---\nYou are {name}.\n");
    }

    private static JsonText Message(string text) => JsonText.Parse($$"""{"message":"{{text}}"}""");

    // A server that begins and says nothing; the file is there once it has begun.
    private string Slow()
    {
        var begun = Path.Combine(_folder.Path, "begun");
        File.WriteAllText(Path.Combine(_folder.Path, "mcp.json"), JsonSerializer.Serialize(
            new { mcpServers = new { slow = new { command = "sh", args = new[] { "-c", $"touch '{begun}'; exec sleep 600" } } } }));
        return begun;
    }

    private static Task Ended(Core core, ThreadId id) => core.Runner.Find(id)?.WaitAsync(Stop) ?? Task.CompletedTask;

    private bool Ticked()
    {
        _clock.Advance(Interval);
        return true;
    }

    // The time goes on as soon as what it brought has been stored: each time for another lifetime of the lease.
    private async Task Renewals(Core core, int seconds)
    {
        using var disk = core.Database.Connect();
        for (var end = _clock.GetUtcNow().AddSeconds(seconds); _clock.GetUtcNow() < end;)
        {
            _clock.Advance(Interval);
            var kept = (_clock.GetUtcNow() + Owner.Lifetime).ToUnixTimeMilliseconds();
            await Until(() => disk.ExecuteScalar<long>("SELECT expires_at FROM owners WHERE owner = (SELECT owner FROM leases)") >= kept);
        }
    }

    private static async Task Until(Func<bool> come)
    {
        var waited = Stopwatch.StartNew();
        while (!come())
        {
            Stop.ThrowIfCancellationRequested();
            Assert.True(waited.Elapsed < Patience, "It has not come about.");
            await Task.Yield();
        }
    }
}
