using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Xunit;

namespace AgentMcp.Agents.Tests.Models;

/// <summary>One turn of a small agent, and the models that take it.</summary>
internal static class Turns
{
    public const string Key = "sk-secret-0123456789";

    private static readonly ThreadId Id = ThreadId.New(SkippingClock.Epoch);

    public static Microagent Adder { get; } = new(
        "adder", "Adds.", Microagent.MessageSchema, Microagent.MessageSchema, "You add.",
        [
            new Tool("add", "Add two numbers.", JsonText.Parse("""{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"],"additionalProperties":false}"""),
                Effect.ReadOnly, (_, _) => throw new NotSupportedException()),
            new Done("done", "Say the result.", Microagent.MessageSchema),
        ],
        new Limits());

    public static ModelTurn First { get; } = new(Adder, Log());

    public static ThreadLog Log(params ThreadEvent[] more) => ThreadLog.Of(Id,
        [new ThreadStarted(SkippingClock.Epoch, "adder", "sha256:0", JsonText.Parse("""{"message":"3 and 4"}"""), "local", "stdio", "message_received"), .. more]);

    public static IModel Anthropic(ProviderServer server, SkippingClock? clock = null, StructuredOutput? output = null) =>
        Choose(new("anthropic:claude-test", server.Url, Key, StructuredOutput: output), clock);

    public static IModel OpenAI(ProviderServer server, SkippingClock? clock = null, StructuredOutput? output = null) =>
        Choose(new("openai:gpt-test", server.Url + "/v1", Key, StructuredOutput: output), clock);

    public static async Task<ModelReply> Take(this IModel model) => await model.NextStep(First, TestContext.Current.CancellationToken);

    /// <summary>How the turn fails; the key is nowhere in it.</summary>
    public static async Task<ModelException> Fail(this IModel model)
    {
        var failure = await Assert.ThrowsAsync<ModelException>(model.Take);
        Assert.DoesNotContain(Key, failure.ToString(), StringComparison.Ordinal);
        return failure;
    }

    /// <summary>The reply is this one, and the reader rejects it.</summary>
    public static void IsNoStep(ModelReply.Said expected, ModelReply reply)
    {
        Assert.Equal(expected, reply);
        Assert.Equal("The reply is not a step. Reply with one JSON object that has an intent.", StepReader.Problem(Adder, expected.Text));
    }

    private static IModel Choose(ModelAccess access, SkippingClock? clock) => new ModelChoice(access, clock ?? new SkippingClock()).For(null);
}
