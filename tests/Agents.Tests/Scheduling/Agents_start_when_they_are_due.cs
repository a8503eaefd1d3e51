using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Scheduling;

public sealed class Agents_start_when_they_are_due : IAsyncDisposable
{
    private const string Asks = """{"intent":"request_more_information","message":"Two pull requests wait. Shall I look?"}""";
    private readonly ScriptedModel _model = new(Asks, Asks, Asks, Asks);
    private readonly AgentBench _bench;

    // The clock of the bench begins on Sunday 2026-03-01 at 09:00.
    public Agents_start_when_they_are_due() => _bench = new(Agent("\"0 10 * * *\""), _model);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    [Trait("Accepts", "F7.7")]
    [Trait("Accepts", "F11.5")]
    public async Task A_thread_starts_without_a_message_and_can_speak_to_a_person_first()
    {
        await Look();
        _bench.Clock.Advance(TimeSpan.FromMinutes(59));
        await Look();
        Assert.Empty(Threads());
        _bench.Clock.Advance(TimeSpan.FromMinutes(1));
        await Look();

        var log = await _bench.Settle(Assert.Single(Threads()));
        Told.Is(log,
            """started: {"due":"2026-03-01T10:00:00+00:00","time_zone":"UTC"}""",
            """chosen: request_more_information {"message":"Two pull requests wait. Shall I look?"}""",
            "question: Two pull requests wait. Shall I look?");
        Assert.Equal(("schedule", "mia", "schedule"), (log.Thread.Start.Trigger, log.Thread.Start.Principal, log.Thread.Start.Channel));
        Assert.StartsWith(
            """
            <schedule>
            due: "2026-03-01T10:00:00+00:00"
            time_zone: UTC
            </schedule>
            """.ReplaceLineEndings("\n") + "\n\n", Assert.Single(_model.Prompts).User, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_missed_while_nobody_looked_is_caught_up_with_once()
    {
        await Look();
        _bench.Clock.Advance(TimeSpan.FromDays(3));
        await Look();
        await Look();
        Assert.Equal("""{"due":"2026-03-01T10:00:00+00:00","time_zone":"UTC"}""", Input(Assert.Single(Threads())));
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 10, 0, 0, TimeSpan.Zero), Plans().Find("porter")!.Due);
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        await Look();
        Assert.Equal(2, Threads().Count);
    }

    [Fact]
    [Trait("Accepts", "F11.5")]
    public async Task Of_two_processes_one_starts_it_and_a_restart_starts_it_no_second_time()
    {
        await using var other = _bench.Beside();
        await Look();
        await Look(other);
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        await Task.WhenAll(Look(), Look(other));
        Assert.Single(Threads());

        await using var restarted = await _bench.Restart();
        await Look(restarted);
        Assert.Single(restarted.Index.List(new("mia")).Rows);
    }

    [Fact]
    public async Task A_changed_schedule_begins_anew()
    {
        await Look();
        await using var changed = _bench.Beside(agent: Agent("\"0 8 * * *\""));
        await Look(changed);
        _bench.Clock.Advance(TimeSpan.FromHours(2));
        await Look(changed);
        Assert.Empty(Threads());
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero), Plans().Find("porter")!.Due);
    }

    [Theory]
    [InlineData(false, "2026-03-01T10:00:00+00:00")]
    // It has fired then for what the right clock had planned: that is over.
    [InlineData(true, "2026-03-01T10:00:00+00:00 2026-03-02T10:00:00+00:00")]
    public async Task After_a_clock_that_was_ahead_is_put_right_it_starts_when_it_should(bool plannedBefore, string started)
    {
        if (plannedBefore)
        {
            await Look();
        }

        await using (var ahead = _bench.Beside(clock: new(_bench.Clock.GetUtcNow().AddDays(400))))
        {
            await Look(ahead);
        }

        foreach (var pause in new[] { TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), plannedBefore ? TimeSpan.FromDays(1) : TimeSpan.Zero })
        {
            _bench.Clock.Advance(pause);
            await Look();
        }

        Assert.Equal(started, string.Join(' ', Threads().Select(Input).Select(input => JsonText.Parse(input).Element().GetProperty("due").GetString()).Order()));
    }

    [Fact]
    public async Task What_a_clock_that_is_somewhat_ahead_has_begun_is_not_begun_again()
    {
        await Look();
        await using var ahead = _bench.Beside(clock: new(_bench.Clock.GetUtcNow().AddHours(2)));
        await Look(ahead);
        for (var i = 0; i < 3; i++)
        {
            await Look();
            _bench.Clock.Advance(TimeSpan.FromMinutes(45));
            await Look(ahead);
        }

        Assert.Equal("""{"due":"2026-03-01T10:00:00+00:00","time_zone":"UTC"}""", Input(Assert.Single(Threads())));
    }

    [Fact]
    public async Task It_starts_with_the_input_its_schedule_gives()
    {
        await using var bench = _bench.Beside(agent: Agent("""{ cron: "0 10 * * *", timezone: UTC, input: { message: "Daily check: is anything stale?" } }"""));
        await Look(bench);
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        await Look(bench);
        Assert.Equal("""{"message":"Daily check: is anything stale?"}""", Input(Assert.Single(Threads())));
    }

    [Theory]
    // Europe/Berlin skips 02:00 to 03:00 on 2026-03-29 and has it twice on 2026-10-25.
    [InlineData("30 2 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00")]
    [InlineData("30 2 * * *", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00")]
    [InlineData("0 7 * * 1-5", "2026-03-27T08:00:00+01:00", "2026-03-30T07:00:00+02:00 2026-03-31T07:00:00+02:00")]
    public void Daylight_saving_neither_loses_nor_repeats_a_firing(string cron, string after, string expected)
    {
        var schedule = new Schedule(cron, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        var first = schedule.After(DateTimeOffset.Parse(after, null))!.Value;
        Assert.Equal(expected, $"{first:yyyy-MM-ddTHH:mm:sszzz} {schedule.After(first):yyyy-MM-ddTHH:mm:sszzz}");
    }

    [Theory]
    [InlineData("\"0 25 * * *\"", "no cron expression")]
    [InlineData("\"every day\"", "no cron expression")]
    [InlineData("\"0 0 30 2 *\"", "never comes")]
    [InlineData("[1]", "a schedule is a cron expression")]
    [InlineData("{ timezone: UTC }", "a schedule is a cron expression")]
    [InlineData("{ cron: \"0 7 * * *\", timezone: Mars/Base }", "there is no time zone 'Mars/Base'; write one such as Europe/Berlin or UTC")]
    [InlineData("{ cron: \"0 7 * * *\", timezon: UTC }", "there is no 'timezon' of a schedule")]
    [InlineData("{ cron: \"0 7 * * *\", input: { text: hello } }", "the input of the schedule does not fit")]
    public void A_schedule_that_makes_no_sense_is_an_error_with_its_place(string schedule, string problem)
    {
        var e = Assert.Throws<AgentFileException>(() => Agent(schedule));
        Assert.StartsWith("porter.agent.md:4: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_that_needs_an_input_needs_it_from_its_schedule_too() =>
        Assert.Contains("the schedule needs an input", Assert.Throws<AgentFileException>(() => AgentFile.Parse("porter.agent.md",
            "---\nname: porter\ndescription: Looks after doors.\ninput: { type: object, properties: { door: { type: string } }, required: [door] }\nschedule: \"0 7 * * *\"\n---\nYou are a porter.\n",
            new Dictionary<string, Tools.Tool>())).Message, StringComparison.Ordinal);

    private static Microagent Agent(string schedule) => AgentFile.Parse("porter.agent.md",
        $"---\nname: porter\ndescription: Looks after doors.\nschedule: {schedule}\ntools: [request_more_information, done_for_now]\n---\nYou are a porter.\n", new Dictionary<string, Tools.Tool>()) is var agent
            // So that the tests say the same on every machine.
            ? agent with { Schedule = agent.Schedule! with { Zone = TimeZoneInfo.Utc } } : throw new InvalidOperationException();

    private Task Look(AgentBench? bench = null)
    {
        var process = bench ?? _bench;
        return new Scheduler(process.Host.Catalog, process.Host, new(process.Database, process.Store), AgentBench.Me.By, process.Clock, NullLogger<Scheduler>.Instance).Look();
    }

    private Schedules Plans() => new(_bench.Database, _bench.Store);

    private List<ThreadId> Threads() => [.. _bench.Index.List(new(AgentBench.Me.By)).Rows.Select(row => ThreadId.Parse(row.ThreadId))];

    private string Input(ThreadId thread) => _bench.Store.Read(thread).Thread.Start.Input.Text;
}
