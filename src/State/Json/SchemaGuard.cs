using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentMcp.State.Json;

/// <summary>
/// Makes a schema safe for NJsonSchema: refuses what it would ignore in silence, fetch or trip over, and rewrites what
/// it knows under another name. Walks schemas only; a property called "if" or a default value is left alone.
/// </summary>
internal static class SchemaGuard
{
    private static readonly string[] Ignored =
    [
        "prefixItems", "contains", "dependencies", "dependentRequired", "dependentSchemas", "propertyNames",
        "unevaluatedProperties", "unevaluatedItems", "if", "then", "else", "$dynamicRef",
    ];

    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];
    private static readonly string[] OneSchema = ["not", "items", "additionalItems", "additionalProperties"];
    private static readonly string[] ManySchemas = ["allOf", "anyOf", "oneOf", "items"];
    private static readonly string[] NamedSchemas = ["properties", "patternProperties", "definitions"];

    /// <exception cref="SchemaException">The schema says something that would not be checked.</exception>
    public static void Check(JsonObject schema)
    {
        if (Ignored.FirstOrDefault(schema.ContainsKey) is { } keyword)
        {
            throw new SchemaException($"the keyword '{keyword}' is not supported");
        }

        CheckType(schema["type"]);
        CheckReference(schema);
        if (schema["pattern"] is JsonValue value && value.TryGetValue<string>(out var pattern))
        {
            CheckPattern(pattern);
        }

        if (schema.Remove("const", out var constant))
        {
            schema["enum"] = new JsonArray(constant);
        }

        if (!schema.ContainsKey("definitions") && schema.Remove("$defs", out var definitions))
        {
            schema["definitions"] = definitions;
        }

        Descend(schema);
    }

    private static void Descend(JsonObject schema)
    {
        foreach (var name in OneSchema)
        {
            // "additionalProperties": false is known as it is; any other true or false is not.
            if (schema[name] is JsonObject)
            {
                CheckAt(schema, name);
            }
        }

        foreach (var list in ManySchemas.Select(name => schema[name]).OfType<JsonArray>())
        {
            list.OfType<JsonObject>().ToList().ForEach(Check);
        }

        foreach (var name in NamedSchemas)
        {
            if (schema[name] is JsonObject named)
            {
                named.Select(member => member.Key).ToList().ForEach(key => CheckAt(named, key));
                if (name == "patternProperties")
                {
                    named.Select(member => member.Key).ToList().ForEach(CheckPattern);
                }
            }
        }
    }

    private static void CheckAt(JsonObject parent, string key)
    {
        if (parent[key] is JsonValue value && value.TryGetValue<bool>(out var anything))
        {
            parent[key] = anything ? [] : new JsonObject { ["not"] = new JsonObject() };
        }
        else if (parent[key] is JsonObject schema)
        {
            Check(schema);
        }
    }

    private static void CheckType(JsonNode? type)
    {
        foreach (var one in type as JsonArray ?? [type?.DeepClone()])
        {
            if (one is not null && !(one is JsonValue value && value.TryGetValue<string>(out var name) && Types.Contains(name)))
            {
                throw new SchemaException($"{one.ToJsonString()} is not a type; known are {string.Join(", ", Types)}");
            }
        }
    }

    private static void CheckReference(JsonObject schema)
    {
        if (schema["$ref"] is not JsonValue reference || !reference.TryGetValue<string>(out var target))
        {
            return;
        }

        if (!target.StartsWith('#'))
        {
            throw new SchemaException($"$ref '{target}' is not local; only references that start with # are followed");
        }

        schema["$ref"] = target.Replace("#/$defs/", "#/definitions/", StringComparison.Ordinal);
    }

    private static void CheckPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern);
        }
        catch (ArgumentException e)
        {
            throw new SchemaException($"the pattern '{pattern}' is not a regular expression: {e.Message}");
        }
    }
}

internal sealed class SchemaException(string message) : Exception(message);
