using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>One field of a form: what is shown, and whether what came back is of its kind. Pure.</summary>
internal sealed record FormField(string Name, ElicitRequestParams.PrimitiveSchemaDefinition Definition, bool Required)
{
    private static readonly HashSet<string> ObjectWords = ["$schema", "type", "title", "description", "properties", "required", "additionalProperties"];

    public static FormField Text(string name, string title, string? description, bool required) =>
        new(name, new ElicitRequestParams.StringSchema { Title = title, Description = description, MinLength = required ? 1 : null }, required);

    public static FormField Choice(string name, string title, IReadOnlyList<ResponseOption> options, FormDialect dialect, bool required)
    {
        var described = options.Where(option => option.Description is not null).Select(option => $"{option.Title ?? option.Name}: {option.Description}").ToList();
        return new(name, FormSchema.Choice([.. options.Select(option => (option.Name, option.Title))], title, described.Count > 0 ? string.Join('\n', described) : null, dialect), required);
    }

    /// <summary>A field of this JSON Schema, or null when no form of this version can show it.</summary>
    public static FormField? Of(string name, JsonElement schema, bool required, FormDialect dialect) =>
        FormSchema.Of(name, schema, dialect) is { } definition ? new(name, definition, required) : null;

    /// <summary>A field for each member of a flat object, or null when it is not one.</summary>
    public static IReadOnlyList<FormField>? Members(JsonText schema, FormDialect dialect)
    {
        var root = schema.Element();
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("type", out var type) || type.ToString() != "object"
            || !root.TryGetProperty("properties", out var properties) || root.EnumerateObject().Any(word => !ObjectWords.Contains(word.Name)))
        {
            return null;
        }

        var required = root.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
        var fields = properties.EnumerateObject().Select(property => Of(property.Name, property.Value, required.Contains(property.Name), dialect)).ToList();
        return fields.Count > 0 && fields.TrueForAll(field => field is not null) ? [.. fields.OfType<FormField>()] : null;
    }

    /// <summary>Whether something was said: a host may send an empty text for a field that was left out.</summary>
    public bool IsSaidIn(IDictionary<string, JsonElement> content) => content.TryGetValue(Name, out var value)
        && value.ValueKind != JsonValueKind.Null && (Required || value.ValueKind != JsonValueKind.String || value.GetString()!.Length > 0);

    public bool IsFilledBy(IDictionary<string, JsonElement> content) => IsSaidIn(content) ? Takes(content[Name]) : !Required;

    private bool Takes(JsonElement value) => Definition switch
    {
        ElicitRequestParams.StringSchema { MinLength: > 0 } => value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString()),
        ElicitRequestParams.StringSchema => value.ValueKind == JsonValueKind.String,
        ElicitRequestParams.NumberSchema => value.ValueKind == JsonValueKind.Number,
        ElicitRequestParams.BooleanSchema => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ElicitRequestParams.UntitledMultiSelectEnumSchema or ElicitRequestParams.TitledMultiSelectEnumSchema =>
            value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsOffered),
        _ => IsOffered(value),
    };

    private bool IsOffered(JsonElement value) => value.ValueKind == JsonValueKind.String && FormSchema.Offered(Definition).Contains(value.GetString());
}
