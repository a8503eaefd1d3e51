using System.Text.Json;

namespace AgentMcp.State.Json;

/// <summary>
/// Says of most values that fit that they do, without the library: a tenth of its time, and none of its start. It knows
/// the plain keywords of JSON Schema; where it is in doubt it does not say yes, and what it does not say yes to is for
/// the library to judge and to explain. Pure.
/// </summary>
internal static class PlainSchema
{
    // Of two members of one name, and of what is nested deeper than 64, the library says what it makes of it.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <param name="value">JSON text.</param>
    public static bool Fits(JsonElement schema, string value)
    {
        try
        {
            return Fits(schema, JsonElement.Parse(value, Strict));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Fits(JsonElement schema, JsonElement value)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var closed = false;
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!(keyword.Name switch
            {
                "description" or "title" => true,
                "type" => IsOfType(keyword.Value, value),
                "enum" => IsOneOf(keyword.Value, value),
                "minLength" => value.ValueKind == JsonValueKind.String && IsAtLeast(keyword.Value, value.GetString()!),
                "maxLength" => value.ValueKind == JsonValueKind.String && keyword.Value.TryGetInt32(out var most) && value.GetString()!.Length <= most,
                "required" => value.ValueKind == JsonValueKind.Object && HasAll(keyword.Value, value),
                "properties" => value.ValueKind == JsonValueKind.Object && keyword.Value.ValueKind == JsonValueKind.Object,
                "additionalProperties" => (closed = keyword.Value.ValueKind == JsonValueKind.False) || keyword.Value.ValueKind == JsonValueKind.True,
                "items" => value.ValueKind == JsonValueKind.Array && AllFit(keyword.Value, value),
                _ => false,
            }))
            {
                return false;
            }
        }

        return value.ValueKind != JsonValueKind.Object || MembersFit(schema, value, closed);
    }

    private static bool MembersFit(JsonElement schema, JsonElement value, bool closed)
    {
        var known = schema.TryGetProperty("properties", out var properties);
        foreach (var member in value.EnumerateObject())
        {
            if (known && properties.TryGetProperty(member.Name, out var inner) ? !Fits(inner, member.Value) : closed)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOfType(JsonElement type, JsonElement value)
    {
        if (type.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in type.EnumerateArray())
            {
                if (IsOfType(one, value))
                {
                    return true;
                }
            }

            return false;
        }

        return type.ValueKind == JsonValueKind.String && type.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            "integer" => value.ValueKind == JsonValueKind.Number && IsPlain(value.GetRawText(), fraction: false),
            "number" => value.ValueKind == JsonValueKind.Number && IsPlain(value.GetRawText(), fraction: true),
            _ => false,
        };
    }

    // Digits that fit everywhere: what is large, or written with an exponent, is read differently here and there.
    private static bool IsPlain(string number, bool fraction) => number.Length <= 15 && !number.AsSpan().ContainsAnyExcept(fraction ? "-.0123456789" : "-0123456789");

    private static bool IsOneOf(JsonElement values, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || values.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var one in values.EnumerateArray())
        {
            if (one.ValueKind == JsonValueKind.String && one.ValueEquals(value.GetString()))
            {
                return true;
            }
        }

        return false;
    }

    // What a character is, is counted in more than one way; one is there in any of them.
    private static bool IsAtLeast(JsonElement least, string text) => least.TryGetInt32(out var count) && (count <= 0 || (count == 1 && text.Length > 0));

    private static bool HasAll(JsonElement names, JsonElement value)
    {
        if (names.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var name in names.EnumerateArray())
        {
            if (name.ValueKind != JsonValueKind.String || !value.TryGetProperty(name.GetString()!, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AllFit(JsonElement schema, JsonElement items)
    {
        foreach (var item in items.EnumerateArray())
        {
            if (!Fits(schema, item))
            {
                return false;
            }
        }

        return true;
    }
}
