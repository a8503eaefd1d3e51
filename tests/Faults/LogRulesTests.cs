using AgentMcp.Faults.Sweep;
using AgentMcp.Faults.World;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Faults;

/// <summary>What the sweep holds to be wrong: each rule can be broken, and is then told.</summary>
public sealed class LogRulesTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly JsonText Arguments = JsonText.Parse("""{"message":"e1"}""");
    private static readonly ThreadStarted Started = new(At, "worker", "sha256:none", Arguments, "local", "stdio", "message_received");
    private static readonly ToolStarted First = new(At, new(2), 1);
    private static readonly ToolStarted Second = new(At, new(2), 2);
    private static readonly ToolReturned Returned = new(At, new(2), JsonText.Of("written"));
    private static readonly RequestOpened Doubt = new(At, RequestKind.InDoubt, "What became of it?", Schema: InDoubtAnswer.Schema);

    private readonly ThreadId _thread = ThreadId.New(At);
    private readonly TheWorld _world = new(new Pulse());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _world.DisposeAsync(keep: false);

    [Fact]
    public void A_call_that_happened_once_and_returned_is_as_it_must_be() =>
        Assert.Empty(Violations("write", times: 1, First, Returned));

    [Fact]
    public void What_happened_twice_is_told() =>
        Assert.Equal(["call_2 (write): it happened 2 times"], Violations("write", times: 2, First));

    [Fact]
    public void What_happened_without_a_stored_start_is_told() =>
        Assert.Equal(["call_2 (write): it happened, and it was never started"], Violations("write", times: 1));

    [Fact]
    public void A_result_of_what_never_happened_is_told() =>
        Assert.Equal(["call_2 (write): it has returned, and it happened 0 times"], Violations("write", times: 0, First, Returned));

    [Fact]
    public void A_silent_second_start_is_told_and_one_that_was_asked_for_is_not()
    {
        Assert.Equal(["call_2 (write): it was started again, and nobody said so: ToolStarted came before"], Violations("write", times: 0, First, Second));
        Assert.Empty(Violations("write", times: 0, First, Doubt, new RequestAnswered(At, new(4), "local", "stdio", Response: JsonText.Parse("""{"outcome":"run_again"}""")), Second));
        Assert.Empty(Violations("put", times: 0, First, Second));
    }

    [Fact]
    public void A_gated_call_without_the_yes_of_a_person_is_told()
    {
        var asked = new RequestOpened(At, RequestKind.Approval, "Pay?", Action: ActionDigest.Bind("pay", Arguments));
        Assert.Equal(["""call_2 (pay): it was started with {"message":"e1"}, and nobody said yes to that"""],
            Violations("pay", times: 0, asked, new RequestAnswered(At, new(3), "local", "stdio", Approved: true), First));
    }

    private List<string> Violations(string intent, int times, params ThreadEvent[] then)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_world.Home, "files", $"{_thread}+call_2")).FullName;
        Enumerable.Range(0, times).ToList().ForEach(i => File.WriteAllText(Path.Combine(folder, $"{i}"), ""));
        var log = ThreadLog.Of(_thread, [Started, new StepChosen(At, intent, Arguments, "rules"), .. then]);
        using var database = Database.Open(_world.Database);
        return [.. LogRules.Violations(log, _world, new Archive(database, _world, new Tally()))];
    }
}
