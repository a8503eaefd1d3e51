using AgentMcp.Agents.Tools;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Upstream;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>Two processes on one database with settings of their own; people answer wherever they are.</summary>
public sealed class Servers_that_only_another_process_knows
{
    private static readonly DateTimeOffset Said = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Said);

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task An_answer_that_came_in_where_it_is_not_known_is_given_by_the_one_that_knows_it()
    {
        await using var kiln = new Kiln { IsHot = true };
        using var office = new Office().With("kiln", new { url = kiln.Url }).Agent("potter", "tools: [kiln.fire]\ngates: { kiln.fire: none }");
        await using var knows = await office.Start();
        var asked = await knows.Take("potter", new { intent = "kiln.fire" }, seconds: 0);
        while (asked.Status == "running" || asked.Kind != "question")
        {
            asked = await knows.Do("wait_thread", new { thread_id = asked.ThreadId, wait_seconds = 0.3 });
        }

        using var elsewhere = new Office().Agent("potter", "");
        await using var other = await RunningServer.Start(Transport.Http, office.Database, settings: new Dictionary<string, string> { ["agents"] = elsewhere.Path("agents") });
        var next = await other.Do("resume_thread", new { thread_id = asked.ThreadId, request_id = asked.RequestId, response = new { glaze = "celadon" }, wait_seconds = 40 });

        Assert.Equal("next_step", next.Kind);
        Assert.Equal("fired in celadon", (await knows.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_nobody_went_on_with_in_half_a_minute_is_gone_on_with_here(bool isAgent)
    {
        await using var upstreams = new Upstreams([], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), _clock, NullLoggerFactory.Instance);
        var tool = upstreams.Recall(new("kiln", "fire", isAgent));

        Assert.True(tool.Elsewhere!.IsLeft(Call(Said)));
        Assert.False(tool.Elsewhere.IsLeft(Call(null)));
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True(tool.Elsewhere.IsLeft(Call(Said)));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(tool.Elsewhere.IsLeft(Call(Said)));
    }

    [Fact]
    public async Task And_then_whether_it_happened_is_asked_unless_a_second_time_is_harmless()
    {
        await using var upstreams = new Upstreams([], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), _clock, NullLoggerFactory.Instance);
        var tool = upstreams.Recall(new("kiln", "fire"));

        Assert.Equal("It is under way at the MCP server 'kiln', which is not configured here.",
            (await Assert.ThrowsAsync<OutcomeUnknownException>(() => Run(Effect.Effectful))).Message);
        Assert.Equal("no MCP server 'kiln' is configured", (await Assert.ThrowsAsync<ToolException>(() => Run(Effect.ReadOnly))).Message);

        async Task<ToolOutcome> Run(Effect effect) => await tool.Run(Call(Said) with { Effect = effect }, TestContext.Current.CancellationToken);
    }

    private static ToolCall Call(DateTimeOffset? answered)
    {
        var (thread, call) = (ThreadId.New(Said), new CallId(2));
        return new(thread, call, call.IdempotencyKey(thread), JsonText.Parse("{}"), 1, Said, new(JsonText.Parse("{}"), answered is { } at
            ? new RequestAnswered(at, new(4), "mia", "http", null, JsonText.Parse("{}"), null) : null));
    }
}
