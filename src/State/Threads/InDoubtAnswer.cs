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

    /// <summary>The same for a call whose result must fit a schema, so that nothing goes on with a result that is none: it is required unless null fits.</summary>
    public static JsonText SchemaFor(JsonText result)
    {
        if (JsonSchemas.Problem(result) is not null)
        {
            return Schema;
        }

        // What it says of its own root is said of the result here.
        var moved = result.Text.Replace("\"$ref\":\"#", "\"$ref\":\"#/properties/result", StringComparison.Ordinal);
        var needed = JsonSchemas.Violation(result, JsonText.Null) is null ? "" : """
            "anyOf":[{"properties":{"outcome":{"enum":["run_again","skip"]}}},{"properties":{"result":{}},"required":["result"]}],
            """;
        var schema = JsonText.Parse($$$"""
            {"type":"object","properties":{"outcome":{"type":"string","enum":["done","run_again","skip"]},"result":{{{moved}}}},{{{needed}}}
             "required":["outcome"],"additionalProperties":false}
            """);
        return JsonSchemas.Problem(schema) is null ? schema : Schema;
    }

    /// <summary>The same answer with its result taken otherwise: a text as the JSON it holds, JSON as the text it may have been. A form knows no difference.</summary>
    public static JsonText? OtherReading(JsonText response)
    {
        // Of anything else it is no reading: whoever says more, or nothing, is told so.
        if (response.Element() is not { ValueKind: JsonValueKind.Object } answer || answer.EnumerateObject().Count() != 2
            || !answer.TryGetProperty("outcome", out var outcome) || !answer.TryGetProperty("result", out var result) || result.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        JsonText? other = result.ValueKind != JsonValueKind.String ? JsonText.Of(result.GetRawText()) : JsonText.TryParse(result.GetString()!, out var inner) ? inner : null;
        return other is not { } value ? null : JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("outcome");
            outcome.WriteTo(writer);
            writer.WritePropertyName("result");
            writer.WriteRawValue(value.Text);
            writer.WriteEndObject();
        });
    }

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
