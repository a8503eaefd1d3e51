using System.Text.Json;
using AgentMcp.Agents;
using AgentMcp.State.Json;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Prompts;

/// <summary>
/// A microagent as a prompt, which hosts show as a slash command. The fields of its input are the arguments; what is no
/// text in the input is written as one and read back by its schema. Pure.
/// </summary>
internal static class AgentPrompt
{
    // For an input that is no flat list of fields.
    private const string Whole = "input";

    public static WirePrompt Of(Microagent agent)
    {
        var schema = agent.Input.Element();
        List<(string Name, JsonElement Schema)> fields = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject().Select(field => (field.Name, field.Value))] : [];
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!).ToHashSet() : [];
        return new(
            new()
            {
                Name = agent.Name,
                Title = agent.Name,
                Description = agent.Description,
                Icons = Icons.Agent,
                Arguments = fields.Count > 0
                    ? [.. fields.Select(field => new PromptArgument { Name = field.Name, Description = Describe(field.Schema), Required = required.Contains(field.Name) })]
                    : [new() { Name = Whole, Description = $"JSON that fits this schema: {agent.Input}", Required = true }],
            },
            given => Write(agent, fields.Count > 0 ? Input(fields, given) : Parse(Whole, given[Whole])));
    }

    /// <summary>What may be chosen for a field; null where it is no choice.</summary>
    public static IReadOnlyList<string>? Choices(JsonElement field) =>
        field.ValueKind == JsonValueKind.Object && field.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array
            ? [.. values.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText())] : null;

    private static string Write(Microagent agent, JsonText input) => JsonSchemas.Violation(agent.Input, input) is { } violation
        ? throw WirePrompt.Refused($"The arguments of the prompt {agent.Name} do not fit: {violation}.")
        : $"""
           Call the tool {agent.Name} with exactly these arguments:

           {input}

           Then do what "next" in its result says. Where it asks something, ask me, and answer it only with what I said.
           """;

    private static JsonText Input(IReadOnlyList<(string Name, JsonElement Schema)> fields, IReadOnlyDictionary<string, string> given) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, schema) in fields.Where(field => given.ContainsKey(field.Name)))
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(Value(name, schema, given[name]).Text);
        }

        writer.WriteEndObject();
    });

    // A field that may be a text is one, unless it says that it is something else.
    private static JsonText Value(string name, JsonElement schema, string text) => TypeOf(schema) switch
    {
        "string" => JsonText.Of(text),
        null => JsonText.TryParse(text, out var json) ? json : JsonText.Of(text),
        _ => Parse(name, text),
    };

    private static JsonText Parse(string name, string text) =>
        JsonText.TryParse(text, out var json) ? json : throw WirePrompt.Refused($"The argument {name} must be JSON (a number, true, false, a list or an object), not '{text}'.");

    private static string? TypeOf(JsonElement schema) => schema.ValueKind != JsonValueKind.Object ? null
        : schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()
        : Choices(schema) is not null && schema.GetProperty("enum").EnumerateArray().All(value => value.ValueKind == JsonValueKind.String) ? "string" : null;

    private static string? Describe(JsonElement schema)
    {
        var said = schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("description", out var description) ? description.GetString() : null;
        var kind = (Choices(schema), TypeOf(schema)) switch
        {
            ({ } choices, _) => $"One of: {string.Join(", ", choices)}.",
            (_, "string" or null) => null,
            (_, "boolean") => "true or false.",
            (_, "number" or "integer") => "A number.",
            _ => $"JSON that fits this schema: {schema.GetRawText()}",
        };
        return string.Join(' ', new[] { said, kind }.OfType<string>()) is { Length: > 0 } words ? words : null;
    }
}
