using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Steps;

public sealed class One_step_per_turn
{
    [Fact]
    [Trait("Accepts", "F1.1")]
    [Trait("Accepts", "F4.2")]
    public void Words_become_one_typed_step_and_nothing_is_run_by_choosing_it()
    {
        var outside = new Outside();

        var command = StepReader.Read(outside.Clerk, TestAgents.Step("pay", "book"), "scripted", new Usage(7, 3), DateTimeOffset.UnixEpoch);

        Assert.Equal(new ChooseStep(DateTimeOffset.UnixEpoch, "pay", JsonText.Parse("""{"item":"book"}"""), "scripted", new Usage(7, 3)), command);
        Assert.Empty(outside.Done);
    }

    [Fact]
    [Trait("Accepts", "F1.1")]
    [Trait("Accepts", "F8.1")]
    public async Task A_fetch_is_appended_and_the_loop_goes_on()
    {
        var model = new ScriptedModel("""{"intent":"multiply","a":3,"b":4}""", """{"intent":"done_for_now","message":"The result is 12."}""");
        await using var bench = new AgentBench(TestAgents.Calculator, model);

        var log = await bench.Start("Multiply 3 and 4");

        Told.Is(log,
            """started: {"message":"Multiply 3 and 4"}""",
            """chosen: multiply {"a":3,"b":4}""",
            "tool started: call_2, attempt 1",
            "tool returned: call_2 12",
            """chosen: done_for_now {"message":"The result is 12."}""",
            """completed: {"message":"The result is 12."}""");
        Assert.Equal(2, model.Calls);
    }

    [Fact]
    [Trait("Accepts", "F4.2")]
    public async Task A_hand_written_step_runs_without_a_model()
    {
        var outside = new Outside();
        await using var bench = new AgentBench(outside.Clerk, new ScriptedModel(new ModelException("no model was needed", mayPass: false)));
        var at = bench.Clock.GetUtcNow();
        var thread = await bench.Found(
        [
            new ThreadStarted(at, "clerk", Definition.Of(outside.Clerk).Hash, AgentBench.Message("x"), "mia", "stdio", "message_received"),
            new StepChosen(at, "pay", JsonText.Parse("""{"item":"book"}"""), "by hand"),
        ]);

        var log = await bench.Recover(thread);

        Assert.Equal(["pay book call_2"], outside.Done);
        Told.Ends(log, """tool returned: call_2 {"did":"pay book"}""", "failed: no model was needed");
    }

    [Fact]
    [Trait("Accepts", "F4.1")]
    public void The_schema_shown_and_the_one_checked_come_from_the_same_method()
    {
        var tool = MethodTool.Of("order", "Orders something.", Effect.Effectful, (string item, int count, Size? size = null) => item);

        Assert.Equal(
            """{"type":"object","properties":{"item":{"type":"string"},"count":{"type":"integer"},"size":{"type":["string","null"],"enum":["small","very_large",null],"default":null}},"required":["item","count"],"additionalProperties":false}""",
            tool.Arguments.Text);
        var agent = TestAgents.Clerk(tool);
        Assert.Contains(
            """{"description":"Orders something.","type":"object","properties":{"intent":{"enum":["order"]},"item":{"type":"string"},"count":{"type":"integer"},"size":{"type":["string","null"],"enum":["small","very_large",null],"default":null}},"required":["intent","item","count"],"additionalProperties":false}""",
            StepSchema.Of(agent).Text, StringComparison.Ordinal);
        Assert.Null(StepReader.Problem(agent, """{"intent":"order","item":"tea","count":2,"size":"very_large"}"""));
        Assert.Equal("order: 'size' must be one of \"small\", \"very_large\", null.",
            StepReader.Problem(agent, """{"intent":"order","item":"tea","count":2,"size":"VeryLarge"}"""));
    }

    [Fact]
    [Trait("Accepts", "F4.4")]
    public async Task A_method_gives_structured_data()
    {
        var tool = MethodTool.Of("order", "Orders.", Effect.Effectful, (string item, ToolCall call) => Task.FromResult(new Receipt(item, call.Attempt, Size.VeryLarge)));
        await using var bench = new AgentBench(TestAgents.Clerk(tool), new ScriptedModel(TestAgents.Step("order", "tea"), TestAgents.Done));

        var log = await bench.Start("order tea");

        Assert.Contains("""tool returned: call_2 {"item":"tea","attempt_number":1,"size":"very_large"}""", Told.Of(log));
    }

    private enum Size
    {
        Small,
        VeryLarge,
    }

    private sealed record Receipt(string Item, int AttemptNumber, Size Size);
}
