using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NJsonSchema;
using NJsonSchema.Validation;

namespace AgentMcp.State.Json;

/// <summary>
/// JSON Schema checks by NJsonSchema, behind a guard for what that library gets wrong in silence: it ignores
/// several keywords, fetches remote references, and reads JSON leniently. Thread-safe.
/// </summary>
internal static class SchemaLibrary
{
    private const int CacheLimit = 1000;

    // It keeps nothing of what it checks, and takes longer to make than to use.
    private static readonly JsonSchemaValidator Validator = new();
    private static readonly ConcurrentDictionary<string, JsonSchema> Loaded = new(StringComparer.Ordinal);

    /// <inheritdoc cref="JsonSchemas.Problem"/>
    public static string? Problem(JsonText schema)
    {
        try
        {
            return Load(schema).Validate("{}") is null ? "it cannot be evaluated" : null;
        }
        catch (Exception e) when (e is SchemaException or InvalidOperationException or ArgumentException or Newtonsoft.Json.JsonException or NotSupportedException)
        {
            return FirstLine(e.Message);
        }
    }

    /// <inheritdoc cref="JsonSchemas.Violation"/>
    public static string? Violation(JsonText schema, JsonText value)
    {
        try
        {
            var errors = Validator.Validate(value.Text, Load(schema));
            return errors.Count == 0 ? null : string.Join("; ", errors.Take(5).Select(Describe));
        }
        catch (RegexMatchTimeoutException)
        {
            return "a pattern of the schema took too long to match this value";
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException)
        {
            return "a number is too large to be checked; whole numbers must fit into 64 bits";
        }
        catch (Newtonsoft.Json.JsonException e)
        {
            return $"the value cannot be checked: {FirstLine(e.Message)}";
        }
    }

    private static JsonSchema Load(JsonText schema)
    {
        if (Loaded.TryGetValue(schema.Text, out var known))
        {
            return known;
        }

        var node = JsonNode.Parse(schema.Text) as JsonObject ?? throw new SchemaException("a schema must be a JSON object");
        SchemaGuard.Check(node);
        // Loading is CPU work behind a Task; remote references, its only reason to wait, were refused above.
        var loaded = JsonSchema.FromJsonAsync(node.ToJsonString()).GetAwaiter().GetResult();
        if (Loaded.Count >= CacheLimit)
        {
            Loaded.Clear();
        }

        return Loaded[schema.Text] = loaded;
    }

    private static string Describe(ValidationError error) => error switch
    {
        ChildSchemaValidationError { Kind: ValidationErrorKind.NotAnyOf or ValidationErrorKind.NotOneOf, Errors: var alternatives } => Alternatives(error, alternatives.Values),
        ChildSchemaValidationError { Errors: var inner } when inner.SelectMany(e => e.Value).FirstOrDefault() is { } first => Describe(first),
        { Kind: ValidationErrorKind.PropertyRequired } => $"'{Place(error)}' is required",
        { Kind: ValidationErrorKind.NoAdditionalPropertiesAllowed } => $"'{Place(error)}' is not a known property",
        { Kind: ValidationErrorKind.NotInEnumeration } => $"'{Place(error)}' must be one of {Choices(error)}",
        _ => $"'{Place(error)}': {Sentence(error.Kind)}",
    };

    private static string Alternatives(ValidationError error, IEnumerable<ICollection<ValidationError>> misses) =>
        misses.Any(miss => miss.Count == 0)
            ? $"'{Place(error)}' fits more than one alternative where exactly one is allowed"
            : $"'{Place(error)}' fits no alternative ({string.Join("; or ", misses.Select(miss => string.Join(" and ", miss.Select(Describe))))})";

    private static string Place(ValidationError error) => error.Path is null or "" or "#" or "#/" ? "value" : error.Path.Replace("#/", "", StringComparison.Ordinal);

    private static string Choices(ValidationError error) =>
        string.Join(", ", error.Schema.Enumeration.Select(choice => Newtonsoft.Json.JsonConvert.SerializeObject(choice)));

    private static string Sentence(ValidationErrorKind kind) =>
        Regex.Replace(kind.ToString(), "(?<=[a-z])([A-Z])", match => " " + match.Value.ToLowerInvariant()).ToLowerInvariant();

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
