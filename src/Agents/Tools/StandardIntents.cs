using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tools;

/// <summary>Intents every agent may list among its tools: asking a person, waiting, and being done.</summary>
public static class StandardIntents
{
    private const int LongestWait = 7 * 24 * 60 * 60;

    public static Ask RequestMoreInformation { get; } = new(
        "request_more_information", "Ask the person for something that is missing, then wait for the answer.",
        Microagent.MessageSchema, arguments => new Question(Text(arguments, "message")));

    public static Ask RequestHumanInput { get; } = new(
        "request_human_input", "Ask a person a question in free text, with yes or no, or with choices, then wait for the answer.",
        JsonText.Parse("""
            {"type":"object","properties":{
              "question":{"type":"string","minLength":1},
              "context":{"type":"string"},
              "options":{"type":"object","properties":{
                "urgency":{"type":"string","enum":["low","medium","high"]},
                "format":{"type":"string","enum":["free_text","yes_no","multiple_choice"]},
                "choices":{"type":"array","items":{"type":"string","minLength":1},"uniqueItems":true}},
               "additionalProperties":false}},
             "required":["question"],"additionalProperties":false}
            """), HumanInput);

    public static Done NothingToDo { get; } = new(
        "nothing_to_do", "End because nothing has to be done. Nobody is told.", Microagent.MessageSchema);

    public static Sleep Await { get; } = new(
        "await", "Wait some seconds before the next step, for example while something is deployed.",
        JsonText.Parse($$$"""
            {"type":"object","properties":{"seconds":{"type":"number","minimum":1,"maximum":{{{LongestWait}}}},"reasoning":{"type":"string"}},
             "required":["seconds"],"additionalProperties":false}
            """));

    /// <summary>The end of an agent with this output.</summary>
    public static Done DoneForNow(JsonText output) => new(
        "done_for_now", "End with the result. The person may answer, and the work then goes on.", output);

    /// <summary>All of them, for an agent with this output.</summary>
    public static IReadOnlyList<Intent> All(JsonText output) => [RequestMoreInformation, RequestHumanInput, NothingToDo, Await, DoneForNow(output)];

    private static Question HumanInput(JsonText arguments)
    {
        var given = arguments.Element();
        var options = given.TryGetProperty("options", out var found) ? found : default;
        var format = options.ValueKind == JsonValueKind.Object && options.TryGetProperty("format", out var named) ? named.GetString() : "free_text";
        string[] choices = options.ValueKind == JsonValueKind.Object && options.TryGetProperty("choices", out var list)
            ? [.. list.EnumerateArray().Select(choice => choice.GetString()!)]
            : [];
        var question = new Question(Text(arguments, "question"), given.TryGetProperty("context", out var context) ? context.GetString() : null);
        return (format, choices) switch
        {
            ("multiple_choice", []) => question with { Invalid = "a multiple_choice question needs choices" },
            ("multiple_choice", _) => question with { Schema = OneOf(choices), Options = [.. choices.Select(choice => new ResponseOption(choice))] },
            ("yes_no", _) => question with { Schema = OneOf("yes", "no"), Options = [new("yes"), new("no")] },
            _ => question with { Options = choices.Length == 0 ? null : [.. choices.Select(choice => new ResponseOption(choice))] },
        };
    }

    private static JsonText OneOf(params ReadOnlySpan<string> choices)
    {
        var names = choices.ToArray();
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "string");
            writer.WriteStartArray("enum");
            Array.ForEach(names, writer.WriteStringValue);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static string Text(JsonText arguments, string name) => arguments.Element().GetProperty(name).GetString()!;
}
