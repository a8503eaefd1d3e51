using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

/// <summary>What a person says of a call that was cut off: it happened, run it again, or leave it.</summary>
public abstract record InDoubtAnswer
{
    private InDoubtAnswer()
    {
    }

    public sealed record Done(JsonText Result) : InDoubtAnswer;

    public sealed record RunAgain : InDoubtAnswer;

    public sealed record Skip : InDoubtAnswer;

    public static IReadOnlyList<ResponseOption> Options { get; } =
    [
        new("done", "It happened", "Give what it returned as result."),
        new("run_again", "Run it again", "Only if it is certain, or harmless, that it did not happen."),
        new("skip", "Leave it", "Do not run it; let the agent go on without a result."),
    ];

    public static JsonText Schema { get; } = JsonText.Parse("""
        {"type":"object","properties":{"outcome":{"type":"string","enum":["done","run_again","skip"]},"result":{}},
         "required":["outcome"],"additionalProperties":false}
        """);

    /// <summary>Reads an answer that fits <see cref="Schema"/>; null when there is none.</summary>
    public static InDoubtAnswer? Of(JsonText? response)
    {
        if (response is not { } given || given.Element() is not { ValueKind: JsonValueKind.Object } answer)
        {
            return null;
        }

        return (answer.TryGetProperty("outcome", out var outcome) ? outcome.ToString() : null) switch
        {
            "run_again" => new RunAgain(),
            "skip" => new Skip(),
            _ => new Done(answer.TryGetProperty("result", out var result) ? JsonText.From(result) : JsonText.Null),
        };
    }
}
