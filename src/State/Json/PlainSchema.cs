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
    /// <param name="parsed">The value, where it fits.</param>
    public static bool Fits(JsonElement schema, string value, out JsonElement parsed)
    {
        try
        {
            parsed = JsonElement.Parse(value, Strict);
            return Fits(schema, parsed);
        }
        catch (JsonException)
        {
            parsed = default;
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
            if (keyword.NameEquals("additionalProperties"u8) && keyword.Value.ValueKind is JsonValueKind.False or JsonValueKind.True)
            {
                closed = keyword.Value.ValueKind == JsonValueKind.False;
            }
            else if (!Holds(keyword, value))
            {
                return false;
            }
        }

        return value.ValueKind != JsonValueKind.Object || MembersFit(schema, value, closed);
    }

    // Compared as bytes: a name that is read is a string made, for each keyword of each value.
    private static bool Holds(JsonProperty keyword, JsonElement value) =>
        keyword.NameEquals("type"u8) ? IsOfType(keyword.Value, value)
        : keyword.NameEquals("description"u8) || keyword.NameEquals("title"u8)
            || (keyword.NameEquals("properties"u8) ? value.ValueKind == JsonValueKind.Object && keyword.Value.ValueKind == JsonValueKind.Object
                : keyword.NameEquals("required"u8) ? value.ValueKind == JsonValueKind.Object && HasAll(keyword.Value, value)
                : keyword.NameEquals("items"u8) ? value.ValueKind == JsonValueKind.Array && AllFit(keyword.Value, value)
                : keyword.NameEquals("enum"u8) ? IsOneOf(keyword.Value, value)
                : keyword.NameEquals("minLength"u8) ? value.ValueKind == JsonValueKind.String && IsAtLeast(keyword.Value, value.GetString()!)
                : keyword.NameEquals("maxLength"u8) && value.ValueKind == JsonValueKind.String && keyword.Value.TryGetInt32(out var most) && value.GetString()!.Length <= most);

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

        return type.ValueKind == JsonValueKind.String && value.ValueKind switch
        {
            JsonValueKind.Object => type.ValueEquals("object"u8),
            JsonValueKind.Array => type.ValueEquals("array"u8),
            JsonValueKind.String => type.ValueEquals("string"u8),
            JsonValueKind.True or JsonValueKind.False => type.ValueEquals("boolean"u8),
            JsonValueKind.Null => type.ValueEquals("null"u8),
            JsonValueKind.Number => (type.ValueEquals("integer"u8) && IsPlain(value.GetRawText(), fraction: false))
                || (type.ValueEquals("number"u8) && IsPlain(value.GetRawText(), fraction: true)),
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
