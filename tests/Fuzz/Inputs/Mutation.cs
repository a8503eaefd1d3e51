using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace AgentMcp.Fuzz.Inputs;

/// <summary>One change to a sample.</summary>
/// <param name="Where">Any number; it is taken by the size of what is changed.</param>
internal sealed record Change(int How, int Where, string Json, string Text);

/// <summary>
/// Makes of what is right what is nearly right: the inputs that come far enough in to do harm. Every change is drawn, so
/// that a seed gives the same inputs again. Pure.
/// </summary>
internal static class Mutation
{
    private const string Mark = "@hostile@";

    private static readonly Gen<Change> Drawn = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 1_000_000], Hostile.Json, Hostile.Text, (how, where, json, text) => new Change(how, where, json, text));

    private static readonly Gen<Change[]> Few = Gen.Frequency((1, Drawn.Array[0, 0]), (12, Drawn.Array[1, 1]), (5, Drawn.Array[2, 3]));

    /// <summary>Mostly still JSON: members of another type, missing, twice, renamed, too deep; sometimes broken text.</summary>
    public static Gen<string> OfJson(params string[] samples) => Gen.Select(Gen.OneOf(samples), Few, (sample, changes) => changes.Aggregate(sample, Json));

    /// <summary>Text that was cut, doubled, or had something put into it.</summary>
    public static Gen<string> OfText(params string[] samples) => Gen.Select(Gen.OneOf(samples), Few, (sample, changes) => changes.Aggregate(sample, Text));

    /// <summary>Bytes that may be no UTF-8 any more.</summary>
    public static Gen<byte[]> Bytes(Gen<string> texts) => Gen.Select(texts, Gen.Int[0, 19], Gen.Int[0, 1_000_000], Gen.Byte, (text, how, where, value) =>
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (how == 0 && bytes.Length > 0)
        {
            bytes[where % bytes.Length] = value;
        }

        return bytes;
    });

    private static string Json(string sample, Change change)
    {
        if (change.How >= 85 || Parsed(sample) is not { } root)
        {
            return Text(sample, change);
        }

        List<JsonNode> nodes = [];
        Collect(root, nodes);
        if (nodes.Count == 0)
        {
            return change.Json;
        }

        var node = nodes[change.Where % nodes.Count];
        var mark = JsonValue.Create(Mark);
        switch (node.Parent)
        {
            case JsonObject parent:
                var name = node.GetPropertyName();
                _ = change.How switch
                {
                    < 45 => Put(parent, name, mark),
                    < 55 => parent.Remove(name),
                    < 65 => parent.Remove(name) && Put(parent, change.Text, node),
                    < 75 => Put(parent, change.Text, mark),
                    _ => Put(parent, name, nodes[change.Where / 7 % nodes.Count].DeepClone()),
                };
                break;
            case JsonArray list:
                list[node.GetElementIndex()] = mark;
                break;
        }

        return root.ToJsonString().Replace($"\"{Mark}\"", change.Json, StringComparison.Ordinal);
    }

    private static string Text(string sample, Change change)
    {
        var at = sample.Length == 0 ? 0 : change.Where % sample.Length;
        var length = Math.Min(sample.Length - at, 1 + (change.Where / 13 % 40));
        return (change.How % 5) switch
        {
            0 => sample[..at],
            1 => sample.Insert(at, change.Text),
            2 => sample.Remove(at, length),
            3 => sample.Insert(at, sample.Substring(at, length)),
            _ => sample.Remove(at, length).Insert(at, change.Json),
        };
    }

    private static bool Put(JsonObject parent, string name, JsonNode? value)
    {
        parent[name] = value;
        return true;
    }

    private static JsonNode? Parsed(string text)
    {
        try
        {
            var node = JsonNode.Parse(text);
            // A text that is half a surrogate pair, or a name that comes twice, shows only when it is read.
            return node?.ToJsonString() is null || Count(node) == 0 ? null : node;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static int Count(JsonNode node)
    {
        List<JsonNode> nodes = [];
        Collect(node, nodes);
        return nodes.Count;
    }

    private static void Collect(JsonNode node, List<JsonNode> into)
    {
        foreach (var child in node switch { JsonObject o => o.Select(member => member.Value), JsonArray list => list.Take(20), _ => [] })
        {
            if (child is not null)
            {
                into.Add(child);
                Collect(child, into);
            }
        }
    }
}
