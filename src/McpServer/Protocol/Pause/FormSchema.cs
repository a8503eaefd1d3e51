using System.Text.Json;
using ModelContextProtocol.Protocol;

// Legacy titles are the only ones that clients before 2025-11-25 know.
#pragma warning disable MCP9001

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>
/// The JSON Schema of one value as a primitive of MCP forms. What a form cannot say but the value must obey is told in
/// the description, and checked when the answer comes; what it cannot show at all is null. Pure.
/// </summary>
internal static class FormSchema
{
    private static readonly HashSet<string> Words =
    [
        "$schema", "type", "title", "description", "minLength", "maxLength", "format", "pattern", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf", "enum", "oneOf", "items", "minItems", "maxItems", "uniqueItems", "default", "examples",
    ];

    private static readonly string[] Told = ["pattern", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"];

    public static ElicitRequestParams.PrimitiveSchemaDefinition? Of(string name, JsonElement schema, FormDialect dialect)
    {
        if (schema.ValueKind != JsonValueKind.Object || schema.EnumerateObject().Any(word => !Words.Contains(word.Name)))
        {
            return null;
        }

        var (title, description) = (Text(schema, "title") ?? Readable(name), Description(schema));
        return TypeOf(schema) switch
        {
            "string" when Choices(schema, "enum", "oneOf", out var choices) => choices is null ? null : Choice(choices, title, description, dialect),
            "string" => new ElicitRequestParams.StringSchema
            {
                Title = title,
                Description = description,
                MinLength = Count(schema, "minLength"),
                MaxLength = Count(schema, "maxLength"),
                Format = Text(schema, "format") is "email" or "uri" or "date" or "date-time" ? Text(schema, "format") : null,
            },
            _ when Has(schema, "enum") || Has(schema, "oneOf") => null,
            "number" or "integer" => new ElicitRequestParams.NumberSchema
            {
                Type = TypeOf(schema)!,
                Title = title,
                Description = description,
                Minimum = Number(schema, "minimum"),
                Maximum = Number(schema, "maximum"),
            },
            "boolean" => new ElicitRequestParams.BooleanSchema { Title = title, Description = description },
            "array" when dialect.HasSelects && schema.TryGetProperty("items", out var items) => Several(schema, items, title, description),
            _ => null,
        };
    }

    public static ElicitRequestParams.PrimitiveSchemaDefinition Choice(
        IReadOnlyList<(string Name, string? Title)> choices, string title, string? description, FormDialect dialect)
    {
        List<string> names = [.. choices.Select(choice => choice.Name)];
        if (choices.All(choice => choice.Title is null))
        {
            return new ElicitRequestParams.UntitledSingleSelectEnumSchema { Title = title, Description = description, Enum = names };
        }

        if (dialect.HasSelects)
        {
            return new ElicitRequestParams.TitledSingleSelectEnumSchema { Title = title, Description = description, OneOf = Titled(choices) };
        }

        return new ElicitRequestParams.LegacyTitledEnumSchema
        {
            Title = title,
            Description = description,
            Enum = names,
            EnumNames = [.. choices.Select(choice => choice.Title ?? choice.Name)],
        };
    }

    /// <summary>What may be chosen.</summary>
    public static IEnumerable<string?> Offered(ElicitRequestParams.PrimitiveSchemaDefinition definition) => definition switch
    {
        ElicitRequestParams.UntitledSingleSelectEnumSchema one => one.Enum,
        ElicitRequestParams.TitledSingleSelectEnumSchema one => one.OneOf.Select(option => option.Const),
        ElicitRequestParams.UntitledMultiSelectEnumSchema many => many.Items.Enum,
        ElicitRequestParams.TitledMultiSelectEnumSchema many => many.Items.AnyOf.Select(option => option.Const),
        ElicitRequestParams.LegacyTitledEnumSchema one => one.Enum,
        _ => [],
    };

    private static ElicitRequestParams.PrimitiveSchemaDefinition? Several(JsonElement schema, JsonElement items, string title, string? description)
    {
        if (items.ValueKind != JsonValueKind.Object || !Choices(items, "enum", "anyOf", out var choices) || choices is null)
        {
            return null;
        }

        var (least, most) = (Count(schema, "minItems"), Count(schema, "maxItems"));
        return choices.All(choice => choice.Title is null)
            ? new ElicitRequestParams.UntitledMultiSelectEnumSchema
            {
                Title = title,
                Description = description,
                MinItems = least,
                MaxItems = most,
                Items = new() { Enum = [.. choices.Select(choice => choice.Name)] },
            }
            : new ElicitRequestParams.TitledMultiSelectEnumSchema { Title = title, Description = description, MinItems = least, MaxItems = most, Items = new() { AnyOf = Titled(choices) } };
    }

    // True when it is a choice at all; its choices are null when they are not plain texts.
    private static bool Choices(JsonElement schema, string plain, string titled, out List<(string Name, string? Title)>? choices)
    {
        choices = null;
        if (schema.TryGetProperty(plain, out var values))
        {
            choices = values.EnumerateArray().All(value => value.ValueKind == JsonValueKind.String)
                ? [.. values.EnumerateArray().Select(value => (value.GetString()!, (string?)null))] : null;
            return true;
        }

        if (!schema.TryGetProperty(titled, out var options))
        {
            return false;
        }

        choices = options.EnumerateArray().All(option => Text(option, "const") is not null && option.EnumerateObject().All(word => word.Name is "const" or "title"))
            ? [.. options.EnumerateArray().Select(option => (Text(option, "const")!, Text(option, "title")))] : null;
        return true;
    }

    private static List<ElicitRequestParams.EnumSchemaOption> Titled(IReadOnlyList<(string Name, string? Title)> choices) =>
        [.. choices.Select(choice => new ElicitRequestParams.EnumSchemaOption { Const = choice.Name, Title = choice.Title ?? choice.Name })];

    private static string? TypeOf(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? (Has(schema, "enum") || Has(schema, "oneOf") ? "string" : null)
        : type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static string? Description(JsonElement schema)
    {
        var told = Told.Where(word => Has(schema, word)).Select(word => $"{Readable(word)}: {schema.GetProperty(word)}");
        return string.Join("\n", new[] { Text(schema, "description") }.Concat(told).OfType<string>()) is { Length: > 0 } text ? text : null;
    }

    // "release_date" and "releaseDate" as "Release date".
    private static string Readable(string name)
    {
        var words = string.Concat(name.Select((c, i) => c is '_' or '-' ? " " : i > 0 && char.IsUpper(c) && char.IsLower(name[i - 1]) ? $" {char.ToLowerInvariant(c)}" : c.ToString()));
        return words.Length == 0 ? name : char.ToUpperInvariant(words[0]) + words[1..];
    }

    private static bool Has(JsonElement schema, string word) => schema.TryGetProperty(word, out _);

    private static string? Text(JsonElement schema, string word) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(word, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Count(JsonElement schema, string word) =>
        schema.TryGetProperty(word, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0 ? count : null;

    private static double? Number(JsonElement schema, string word) =>
        schema.TryGetProperty(word, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
