using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Steps;

public sealed class Replies_are_read_leniently
{
    [Theory]
    [Trait("Accepts", "F1.1")]
    [InlineData("""{"intent":"multiply","a":3,"b":4}""")]
    [InlineData("  {\n  \"intent\" : \"multiply\",\n  \"a\" : 3, \"b\" : 4\n}\n")]
    [InlineData("```json\n{\"intent\":\"multiply\",\"a\":3,\"b\":4}\n```")]
    [InlineData("I will {carefully} multiply them: {\"intent\":\"multiply\",\"a\":3,\"b\":4}. That is all {really}.")]
    [InlineData("""{"intent":"multiply","a":3,"b":4,}""")]
    [InlineData("""{"intent":"multiply", /* the first */ "a":3, "b":4}""")]
    [InlineData("{\"intent\":\"multiply\", // as asked\n\"a\":3,\"b\":4}")]
    [InlineData("""{"step":{"intent":"multiply","a":3,"b":4}}""")]
    [InlineData("""[{"intent":"multiply","a":3,"b":4}]""")]
    [InlineData("""{"a":3,"b":4,"intent":"multiply"}""")]
    [InlineData("""{"response":{"step":{"intent":"multiply","a":3,"b":4}}}""")]
    [InlineData("""{"intent":"multiply","arguments":{"a":3,"b":4}}""")]
    [InlineData("""{"tool":"multiply","input":{"a":3,"b":4}}""")]
    [InlineData("""{"parameters":{"a":3,"b":4},"name":"multiply"}""")]
    [InlineData("\uFEFF{\"intent\":\"multiply\",\"a\":3,\"b\":4}")]
    public void Into_the_one_step_that_was_meant(string reply) =>
        Assert.Equal(new ChooseStep(DateTimeOffset.UnixEpoch, "multiply", JsonText.Parse("""{"a":3,"b":4}"""), "scripted"),
            StepReader.Read(TestAgents.Calculator, reply, "scripted", null, DateTimeOffset.UnixEpoch));

    [Theory]
    [Trait("Accepts", "R.7")]
    [InlineData("Grüße, 世界 🚀")]
    [InlineData("she said \"no\" \\ and left")]
    [InlineData("one\ntwo\r\n\tthree \u2028 four")]
    [InlineData("<b>&amp;</b> '{\"intent\":\"add\"}'")]
    public async Task Text_survives_every_JSON_on_its_way(string text)
    {
        var reply = System.Text.Json.JsonSerializer.Serialize(new { intent = "done_for_now", message = text });
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel(reply));

        var log = await bench.Start(text);

        Assert.Equal(text, log.Thread.Start.Input.Element().GetProperty("message").GetString());
        Assert.Equal(text, ((ThreadCompleted)log.Events[^1]).Output.Element().GetProperty("message").GetString());
    }
}
