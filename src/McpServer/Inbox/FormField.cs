using System.Globalization;
using System.Text.Json;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Inbox;

internal enum FieldType
{
    Line,
    Text,
    Number,
    Integer,
    YesNo,
    Choice,
    Several,
    Date,
    Moment,
    Json,
}

/// <summary>
/// One control of a form, made from one part of a JSON Schema. What has no control of its own is asked for as JSON,
/// so that every schema can be answered. Pure.
/// </summary>
/// <param name="Name">The property, or empty when the schema is of a single value.</param>
/// <param name="Choices">What may be chosen, as JSON in which all can be seen, for it comes back from a page; with what is shown for it.</param>
internal sealed record FormField(string Name, string Label, string? Help, bool Required, FieldType Type, JsonElement Schema, IReadOnlyList<(string Json, string Shown)> Choices)
{
    private const int LongestLine = 200;
    private static readonly string[] Combinations = ["allOf", "anyOf", "oneOf", "not", "$ref"];

    /// <summary>As it stands on the page, where all can be seen.</summary>
    public string Id => "f-" + Visible.Of(Name);

    /// <summary>What the schema says its value is while nobody says another; empty for nothing.</summary>
    public string Default => Schema.ValueKind == JsonValueKind.Object && Schema.TryGetProperty("default", out var value)
        ? Type is FieldType.Choice or FieldType.YesNo or FieldType.Json ? Visible.InJson(JsonText.From(value).Text) : value.ToString()
        : "";

    public bool Offers(string json) => Choices.Any(choice => choice.Json == json);

    /// <summary>The fields of a schema: one for each property of an object, else a single one.</summary>
    public static IReadOnlyList<FormField> Of(JsonText schema)
    {
        var whole = schema.Element();
        if (TypeOf(whole) != "object" || !Has(whole, "properties", JsonValueKind.Object, out var properties) || Combinations.Any(name => whole.TryGetProperty(name, out _)))
        {
            return [Of("", whole, required: true)];
        }

        string[] required = Has(whole, "required", JsonValueKind.Array, out var names) ? [.. names.EnumerateArray().Select(name => name.ToString())] : [];
        return [.. properties.EnumerateObject().Select(property => Of(property.Name, property.Value, required.Contains(property.Name)))];
    }

    /// <summary>What was entered, as JSON; null when nothing was. A problem is told in words for the one who entered it.</summary>
    public (JsonText? Value, string? Problem) Read(IReadOnlyList<string> entered)
    {
        List<string> given = [.. entered.Where(one => one.Length > 0)];
        if (given.Count == 0)
        {
            return (Type == FieldType.Several && Required ? JsonText.Parse("[]") : null, Required && Type != FieldType.Several ? "This is needed." : null);
        }

        try
        {
            return Type switch
            {
                FieldType.Number when double.TryParse(given[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => (JsonText.Parse(given[0].TrimStart('+')), null),
                FieldType.Integer when given[0].TrimStart('-').All(char.IsAsciiDigit) => (JsonText.Parse(given[0]), null),
                FieldType.Number => (null, "This must be a number, such as 4 or 0.5."),
                FieldType.Integer => (null, "This must be a whole number."),
                FieldType.YesNo or FieldType.Choice or FieldType.Json => (JsonText.Parse(given[0]), null),
                FieldType.Several => (JsonText.Parse($"[{string.Join(',', given)}]"), null),
                FieldType.Moment => (JsonText.Of(given[0].Contains('Z') ? given[0] : given[0] + (given[0].Count(':'.Equals) == 1 ? ":00Z" : "Z")), null),
                FieldType.Line or FieldType.Text when Default.Length > 0 && Untouched.Is(this, [Default], entered) => (JsonText.Of(Default), null),
                _ => (JsonText.Of(given[0].ReplaceLineEndings("\n")), null),
            };
        }
        catch (JsonException e)
        {
            return (null, Type == FieldType.Json ? $"This is not JSON: {e.Message.Split('\n')[0]}" : "This cannot be read as what is asked for.");
        }
    }

    private static FormField Of(string name, JsonElement schema, bool required)
    {
        var choices = ChoicesOf(schema);
        var type = TypeFor(schema, choices);
        var items = Has(schema, "items", JsonValueKind.Object, out var of) ? ChoicesOf(of) : [];
        return new(name, Text(schema, "title") ?? (name.Length == 0 ? "Your answer" : Readable(name)), Text(schema, "description"), required,
            type == FieldType.Json && items.Count > 0 ? FieldType.Several : type, schema,
            type == FieldType.YesNo ? [("true", "Yes"), ("false", "No")] : choices.Count > 0 ? choices : items);
    }

    private static FieldType TypeFor(JsonElement schema, IReadOnlyList<(string, string)> choices) => (TypeOf(schema), Text(schema, "format")) switch
    {
        _ when choices.Count > 0 => FieldType.Choice,
        _ when schema.ValueKind != JsonValueKind.Object || Combinations.Any(name => schema.TryGetProperty(name, out _)) => FieldType.Json,
        ("boolean", _) => FieldType.YesNo,
        ("integer", _) => FieldType.Integer,
        ("number", _) => FieldType.Number,
        ("string", "date") => FieldType.Date,
        ("string", "date-time") => FieldType.Moment,
        ("string", _) => MaxLength(schema) <= LongestLine || Text(schema, "format") is not null ? FieldType.Line : FieldType.Text,
        _ => FieldType.Json,
    };

    private static IReadOnlyList<(string Json, string Shown)> ChoicesOf(JsonElement schema) =>
        Has(schema, "enum", JsonValueKind.Array, out var choices) ? [.. choices.EnumerateArray().Select(one => (Visible.InJson(JsonText.From(one).Text), one.ToString()))] : [];

    private static string? TypeOf(JsonElement schema) => schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("type", out var type) ? null
        : type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.ToString()).FirstOrDefault(one => one != "null") : type.ToString();

    private static int? MaxLength(JsonElement schema) =>
        schema.TryGetProperty("maxLength", out var most) && most.ValueKind == JsonValueKind.Number && most.TryGetInt32(out var length) ? length : null;

    private static string? Text(JsonElement schema, string name) => Has(schema, name, JsonValueKind.String, out var value) ? value.GetString() : null;

    private static bool Has(JsonElement schema, string name, JsonValueKind kind, out JsonElement value)
    {
        value = default;
        return schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out value) && value.ValueKind == kind;
    }

    private static string Readable(string name) =>
        name.Replace('_', ' ').Replace('-', ' ').Trim() is { Length: > 0 } words ? char.ToUpperInvariant(words[0]) + words[1..] : name;
}
