using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>A step of a type was cut off. Whoever says that it happened says what came of it, and nothing is done twice for want of that.</summary>
public sealed class A_doubt_about_a_step_with_a_result
{
    private const string Needed = """{"type":"object","properties":{"outcome":{"type":"string","enum":["done","run_again","skip"]},"result":{"type":"integer"}},"anyOf":[{"properties":{"outcome":{"enum":["run_again","skip"]}}},{"properties":{"result":{}},"required":["result"]}],"required":["outcome"],"additionalProperties":false}""";

    private int _charged;

    public sealed record Receipt(string Number, int Cents, Receipt? Before = null);

    [Theory]
    [Trait("Accepts", "F8.7")]
    [InlineData("\"done\"", "'value' fits no alternative ('outcome' must be one of \"run_again\", \"skip\"; or 'result' is required)")]
    [InlineData("""{"outcome":"done"}""", "'value' fits no alternative ('outcome' must be one of \"run_again\", \"skip\"; or 'result' is required)")]
    [InlineData("""{"outcome":"done","result":null}""", "'result': integer expected")]
    [InlineData("""{"outcome":"done","result":"paid"}""", "'result': integer expected")]
    public async Task Is_not_settled_by_a_result_that_is_none(string response, string why)
    {
        await using var bench = new AgentBench(Insisting(Charge), Shop.Plays);
        var log = await CutOff(bench);
        Assert.EndsWith("\nWhat it returns: {\"type\":\"integer\"}", log.Thread.OpenRequests.Single().Asked.Context, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.AnswerJson(log, null, JsonText.Parse(response)));

        Assert.Equal(RefusalCode.InvalidResponse, refused.Code);
        Assert.StartsWith($"The response does not fit: {why}. It must match this JSON Schema: {Needed}. The request stays open.", refused.Message, StringComparison.Ordinal);
        log = await bench.AnswerJson(log, null, JsonText.Parse("""{"outcome":"done","result":1200}"""));
        Assert.Equal(("completed: \"1200\"", 0), (Told.Of(log)[^1], _charged));
    }

    [Theory]
    [InlineData("""{"outcome":"run_again"}""", "completed: \"1\"", 1)]
    [InlineData("\"run_again\"", "completed: \"1\"", 1)]
    // Left as it is, it has failed: this workflow then tries again, as it says itself.
    [InlineData("""{"outcome":"skip"}""", "completed: \"1\"", 1)]
    // What is typed into a form is text.
    [InlineData("""{"outcome":"done","result":"1200"}""", "completed: \"1200\"", 0)]
    public async Task Is_settled_as_every_other(string response, string end, int charged)
    {
        await using var bench = new AgentBench(Insisting(Charge), Shop.Plays);
        var log = await CutOff(bench);
        log = await bench.AnswerJson(log, null, JsonText.Parse(response));

        Assert.Equal((end, charged), (Told.Of(log)[^1], _charged));
        var version = log.Thread.Version;
        Assert.Equal(version, (await bench.Host.Answer(log.Thread.Id, AgentBench.Me, new(4), null, JsonText.Parse(response), null)).Thread.Version);
    }

    [Fact]
    public async Task Takes_what_fits_the_type_and_nothing_where_that_fits()
    {
        var receipt = """{"outcome":"done","result":{"number":"a","cents":3,"before":{"number":"b","cents":2}}}""";
        Assert.Equal("completed: \"a b\"", await End(async run => await Charged<Receipt>(run) is var one ? $"{one.Number} {one.Before!.Number}" : "", receipt));
        Assert.Equal("completed: \"12\"", await End(Charged<string>, """{"outcome":"done","result":12}"""));
        Assert.Equal("completed: \"none\"", await End(async run => (await Charged<int?>(run))?.ToString() ?? "none", "\"done\""));
        Assert.Equal("completed: \"null\"", await End(async run => (await Charged<JsonText>(run)).Text, "\"done\""));
        Assert.Equal("completed: \"done\"", await End(async run =>
        {
            await run.Step("charge", Effect.Effectful, (_, _) => Task.CompletedTask);
            return "done";
        }, "\"done\""));
        await Assert.ThrowsAsync<RefusedException>(() => End(async run => (await Charged<Receipt>(run)).Number, "\"done\""));
        await Assert.ThrowsAsync<RefusedException>(() => End(Charged<string>, """{"outcome":"done","result":null}"""));
        await Assert.ThrowsAsync<RefusedException>(() => End(async run => (await Charged<Receipt>(run)).Number, """{"outcome":"done","result":{"number":"a","cents":3,"before":{"number":"b"}}}"""));
    }

    [Fact]
    public async Task That_was_settled_by_no_result_before_is_waited_for_and_not_done_again()
    {
        await using var bench = new AgentBench(Insisting(Charge), Shop.Plays);
        var log = await CutOff(bench,
            Logs.Asked(RequestKind.InDoubt) with { Call = new(2) }, Logs.Answered(4, response: """{"outcome":"done"}"""), Logs.Returned(2, "null"));

        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);
        Assert.StartsWith("question: The workflow cannot go on: 'charge' was done, but its result is no Int32: ", Told.Asked(log), StringComparison.Ordinal);
        log = await bench.Answer(log, response: "try_again");
        Assert.Equal((ThreadStatus.Pending, 0), (log.Thread.Status, _charged));

        // Code that can read it goes on from there.
        await using var mended = await bench.Restart(agent: Insisting(async run => (await Charged<int?>(run))?.ToString() ?? "charged"));
        Assert.Equal(("completed: \"charged\"", 0), (Told.Of(await mended.Answer(log, response: "try_again"))[^1], _charged));
    }

    [Fact]
    public async Task That_cannot_be_read_any_more_is_waited_for_also_once_the_code_has_gone_on()
    {
        await using var bench = new AgentBench(Paying<int>(), Shop.Plays);
        var log = bench.Store.Read(await bench.Found(
        [
            .. Began(bench), Logs.Returned(2, "\"x\""),
            new StepChosen(Logs.At, "ask", JsonText.Parse("""{"question":"Anything to note?"}"""), "workflow"),
            Logs.Asked(RequestKind.Question) with { Call = new(5) }, new ThreadParked(Logs.At),
        ]));

        log = await bench.Answer(log, response: "no");

        Assert.StartsWith("question: The workflow cannot go on: 'charge' was done, but its result is no Int32: ", Told.Asked(log), StringComparison.Ordinal);
        Assert.Equal(0, _charged);
        await using var mended = await bench.Restart(agent: Paying<string>());
        Assert.Equal(("completed: \"x, no\"", 0), (Told.Of(await mended.Answer(log, response: "try_again"))[^1], _charged));
    }

    [Fact]
    public async Task That_its_own_type_refuses_is_waited_for_as_well()
    {
        await using var bench = new AgentBench(Insisting(async run => $"{(await Charged<Paid>(run)).Cents}"), Shop.Plays);
        var log = await bench.Recover(await bench.Found([.. Began(bench), Logs.Returned(2, """{"cents":-1}""")]));

        Assert.StartsWith("question: The workflow cannot go on: 'charge' was done, but its result is no Paid: nobody pays so little (Parameter 'cents'). Put ", Told.Asked(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_type_that_says_nothing_of_its_form_is_asked_too()
    {
        const string Any = """{"outcome":"done","result":{"a":1}}""";
        await using var bench = new AgentBench(Shop.Flow(async (run, _) => $"{(await Charged<JsonElement>(run)).GetProperty("a")}"), Shop.Plays);
        var log = await CutOff(bench);
        Assert.EndsWith("\nArguments: {}\nAttempt: 1", log.Thread.OpenRequests.Single().Asked.Context, StringComparison.Ordinal);
        Assert.Equal(InDoubtAnswer.Schema, log.Thread.OpenRequests.Single().Asked.Schema);
        Assert.Equal("completed: \"1\"", Told.Of(await bench.AnswerJson(log, null, JsonText.Parse(Any)))[^1]);

        Assert.Equal("completed: \"1\"", await End(async run => $"{(await Charged<JsonNode>(run))["a"]}", Any));
        Assert.Equal("completed: \"a=1\"", await End(async run => (await Charged<Odd>(run)).Text, """{"outcome":"done","result":"1"}"""));
    }

    [Fact]
    public async Task Of_such_a_type_is_asked_where_its_time_was_over()
    {
        var never = new TaskCompletionSource<JsonElement>();
        await using var bench = new AgentBench(Shop.Flow(async (run, _) => $"{(await run.Step("charge", Effect.Effectful, (_, _) => never.Task)).GetProperty("a")}"), Shop.Plays);
        var id = await bench.Host.Start("flow", AgentBench.Message("go"), AgentBench.Me);
        await bench.Clock.Waited(TimeSpan.FromSeconds(60));

        bench.Clock.Advance(TimeSpan.FromSeconds(60));

        var log = await bench.Settle(id);
        Assert.StartsWith("in_doubt: charge was cut off and nobody knows whether it happened. What became of it?\nIt did not end within 60 s.\nArguments: {}", Told.Asked(log), StringComparison.Ordinal);
        Assert.Equal("completed: \"1\"", Told.Of(await bench.AnswerJson(log, null, JsonText.Parse("""{"outcome":"done","result":{"a":1}}""")))[^1]);
    }

    [Fact]
    public async Task What_an_agent_said_in_another_form_is_a_failure_of_the_call_alone()
    {
        await using var bench = new AgentBench(new Shop().With(Shop.Flow(async (run, _) =>
        {
            try
            {
                return $"{await run.Agent<int>("backend", new { message = "go" })}";
            }
            catch (StepFailedException e)
            {
                return e.Message.Split(':')[0];
            }
        })), Shop.Plays);
        var log = await bench.Start("go");
        await bench.SettleTree(log.Thread.Id);
        await Shop.Answer(bench, log.Thread.Id, "tables", approved: true);

        Assert.Equal("completed: \"backend failed\"", Told.Of(bench.Store.Read(log.Thread.Id))[^1]);
    }

    // A workflow that tries again until it has been done.
    private static Microagent Insisting(Func<Run, Task<string>> code) => Shop.Flow(async (run, _) =>
    {
        while (true)
        {
            try
            {
                return await code(run);
            }
            catch (StepFailedException)
            {
            }
        }
    });

    private async Task<string> Charge(Run run) => $"{await run.Step("charge", Effect.Effectful, (_, _) => Task.FromResult(++_charged))}";

    // Charges another card where the first took nothing.
    private Microagent Paying<T>() => Shop.Flow(async (run, _) =>
    {
        string? paid = null;
        try
        {
            paid = $"{await Charged<T>(run)}";
        }
        catch (StepFailedException)
        {
        }

        var note = await run.Ask("Anything to note?");
        return $"{paid ?? $"{await run.Step("charge_other_card", Effect.Effectful, (_, _) => Task.FromResult(++_charged))}"}, {note}";
    });

    private static Task<T> Charged<T>(Run run) => run.Step<T>("charge", Effect.Effectful, (_, _) => throw new NotSupportedException());

    private static async Task<string> End(Func<Run, Task<string>> code, string response)
    {
        await using var bench = new AgentBench(Shop.Flow((run, _) => code(run)), Shop.Plays);
        return Told.Of(await bench.AnswerJson(await CutOff(bench), null, JsonText.Parse(response)))[^1];
    }

    private static async Task<ThreadLog> CutOff(AgentBench bench, params ThreadEvent[] then) => await bench.Recover(await bench.Found([.. Began(bench), .. then]));

    private static ThreadEvent[] Began(AgentBench bench) =>
    [
        new ThreadStarted(Logs.At, "flow", Definition.Of(bench.Agents[0]).Hash, AgentBench.Message("x"), "mia", "stdio", "message_received", Workflow: "1"),
        new StepChosen(Logs.At, "charge", JsonText.Parse("{}"), "workflow"), Logs.Began(2),
    ];

    public sealed record Paid
    {
        public Paid(int cents) => Cents = cents > 0 ? cents : throw new ArgumentException("nobody pays so little", nameof(cents));

        public int Cents { get; }
    }

    [JsonConverter(typeof(OddConverter))]
    public sealed record Odd(string Text);

    public sealed class OddConverter : JsonConverter<Odd>
    {
        public override Odd Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new($"a={reader.GetString()}");

        public override void Write(Utf8JsonWriter writer, Odd value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
    }
}
