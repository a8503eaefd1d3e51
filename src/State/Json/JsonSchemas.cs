using System.Collections.Concurrent;
using System.Text.Json;

namespace AgentMcp.State.Json;

/// <summary>JSON Schema checks: a library judges, once a value does not plainly fit. Thread-safe.</summary>
public static class JsonSchemas
{
    /// <summary>In characters. What checks a value walks all of it.</summary>
    public const int LargestSchema = 256 * 1024;

    private const int CacheLimit = 1000;

    private static readonly ConcurrentDictionary<string, JsonElement> Known = new(StringComparer.Ordinal);

    /// <summary>What is wrong with a schema, or null. Meant for the moment a schema is registered.</summary>
    public static string? Problem(JsonText schema) => TooLarge(schema) ?? SchemaLibrary.Problem(schema);

    /// <summary>The same of a schema that we wrote ourselves: all that can be wrong with it is its size.</summary>
    public static string? TooLarge(JsonText schema) => schema.Text.Length > LargestSchema
        ? $"it has {schema.Text.Length} characters; a schema may have {LargestSchema}" : null;

    /// <summary>How a value misses a schema, in one line that names the places, or null when it fits.</summary>
    public static string? Violation(JsonText schema, JsonText value) => Violation(schema, value, out _);

    /// <inheritdoc cref="Violation(JsonText, JsonText)"/>
    /// <param name="parsed">The value parsed, which it is on the way; it owns its memory.</param>
    public static string? Violation(JsonText schema, JsonText value, out JsonElement parsed)
    {
        if (PlainSchema.Fits(Parsed(schema), value.Text, out parsed))
        {
            return null;
        }

        parsed = value.Element();
        return SchemaLibrary.Violation(schema, value);
    }

    private static JsonElement Parsed(JsonText schema)
    {
        if (Known.TryGetValue(schema.Text, out var known))
        {
            return known;
        }

        if (Known.Count >= CacheLimit)
        {
            Known.Clear();
        }

        return Known[schema.Text] = schema.Element();
    }
}
