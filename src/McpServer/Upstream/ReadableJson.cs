using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// What a server says, made readable. A text that was cut in the middle of an emoji ends in half a character (<c>\ud83d</c>),
/// and nothing forbids a member that comes twice: both are parsed, and throw as soon as somebody looks. So half a character
/// becomes U+FFFD, the last of equal members counts, and what cannot be read even so says that it cannot.
/// </summary>
internal static partial class ReadableJson
{
    public const string Unreadable = "[what the server sent here cannot be read]";

    /// <summary>The same value, mended in its place, or what is to take its place.</summary>
    public static JsonNode? Of(JsonNode? node) => node switch
    {
        JsonObject members => OfMembers(Opened(members)),
        JsonArray list => OfList(list),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => OfText(value),
        _ => node,
    };

    private static JsonNode OfMembers(JsonObject? members)
    {
        foreach (var (name, value) in members?.ToList() ?? [])
        {
            if (Of(value) is var read && !ReferenceEquals(read, value))
            {
                members![name] = read;
            }
        }

        return members ?? (JsonNode)JsonValue.Create(Unreadable);
    }

    private static JsonArray OfList(JsonArray list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (Of(list[i]) is var read && !ReferenceEquals(read, list[i]))
            {
                list[i] = read;
            }
        }

        return list;
    }

    private static JsonValue OfText(JsonValue text)
    {
        try
        {
            _ = text.GetValue<string>();
            return text;
        }
        catch (InvalidOperationException)
        {
            var whole = Escape().Replace(text.GetValue<JsonElement>().GetRawText(), escape => escape.Groups["half"].Success ? @"\ufffd" : escape.Value);
            return (JsonValue)JsonNode.Parse(whole)!;
        }
    }

    // An object is opened by whoever first looks for a member. Unopened it can still be written as it came.
    private static JsonObject? Opened(JsonObject members)
    {
        try
        {
            _ = members.Count;
            return members;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return LastOfEach(members);
        }
    }

    private static JsonObject? LastOfEach(JsonObject members)
    {
        try
        {
            using var document = JsonDocument.Parse(members.ToJsonString());
            var last = new JsonObject();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                last[member.Name] = JsonNode.Parse(member.Value.GetRawText());
            }

            return last;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // From escape to escape, so that what follows an escaped backslash is none.
    [GeneratedRegex(@"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.")]
    private static partial Regex Escape();
}
