using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>
/// A log as it may be kept in a file that others read: what looks like a secret is replaced, wherever it is said again,
/// and so are the names of the people who spoke, each by the same stand-in everywhere. What they said stays.
/// </summary>
internal sealed partial class Redaction
{
    // A shorter one would be found in the middle of words.
    private const int LeastSecret = 4;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 128 };
    private readonly Dictionary<string, string> _people = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _secrets;

    public Redaction(IEnumerable<ThreadEvent> log)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var happened in log)
        {
            Walk(Node(ThreadJson.Write(happened)), (name, text) =>
            {
                found.UnionWith(ErrorText.Secrets(text).Concat(SecretName().IsMatch(name) ? [text] : []));
                return text;
            });
        }

        // The shortest first: what follows a secret in one place, such as a full stop, is no part of it in another.
        _secrets = [.. found.Where(secret => secret.Length >= LeastSecret).OrderBy(secret => secret.Length).ThenBy(secret => secret, StringComparer.Ordinal)];
    }

    public ThreadEvent Of(ThreadEvent happened)
    {
        var node = Node(ThreadJson.Write(happened)).AsObject();
        Walk(node, (name, text) => SecretName().IsMatch(name) ? ErrorText.Gone : Clean(text));
        foreach (var name in (string[])["principal", "by"])
        {
            if (node[name] is JsonValue person)
            {
                node[name] = Person(person.GetValue<string>());
            }
        }

        if (node["responders"] is JsonArray responders)
        {
            node["responders"] = new JsonArray([.. responders.Select(one => (JsonNode)Person(one!.GetValue<string>()))]);
        }

        if (happened is AnswerRefused refused)
        {
            node["reason"] = _people.Aggregate(Clean(refused.Reason), (said, person) => said.Replace(person.Key, person.Value, StringComparison.OrdinalIgnoreCase));
        }

        return ThreadJson.Read(node.ToJsonString(Plain));
    }

    /// <summary>A definition: its prompt, and the people its policies name.</summary>
    public JsonText Of(JsonText definition)
    {
        var node = Node(definition.Text).AsObject();
        foreach (var policy in node["intents"]!.AsArray().Select(intent => intent!.AsObject()).Prepend(node))
        {
            if (policy["responders"] is JsonValue responders)
            {
                policy["responders"] = string.Join('\n', responders.GetValue<string>().Split('\n').Select(Person));
            }
        }

        node["prompt"] = Clean(node["prompt"]!.GetValue<string>());
        return JsonText.Parse(node.ToJsonString(Plain));
    }

    private static JsonNode Node(string json) => JsonNode.Parse(json, documentOptions: new() { MaxDepth = 128 })!;

    /// <param name="change">From the name a text stands under, and the text, to what it becomes.</param>
    private static void Walk(JsonNode node, Func<string, string, string> change)
    {
        foreach (var (name, value, set) in Places(node).ToList())
        {
            if (value.GetValueKind() == JsonValueKind.String)
            {
                set(change(name, value.GetValue<string>()));
            }
            else
            {
                Walk(value, change);
            }
        }

        // What was bound is bound again as it now reads.
        if (node is JsonObject action && action["digest"] is JsonValue && action["tool"] is JsonValue tool && action["arguments"] is { } arguments)
        {
            action["digest"] = ActionDigest.Of(tool.GetValue<string>(), JsonText.Parse(arguments.ToJsonString(Plain)));
        }
    }

    private static IEnumerable<(string Name, JsonNode Value, Action<string> Set)> Places(JsonNode node) => node switch
    {
        JsonObject members => members.Where(member => member.Value is not null).Select(member => (member.Key, member.Value!, (Action<string>)(text => members[member.Key] = text))),
        JsonArray list => list.Select((item, i) => ("", item, (Action<string>)(text => list[i] = text))).Where(place => place.item is not null).Select(place => (place.Item1, place.item!, place.Item3)),
        _ => [],
    };

    private string Clean(string text) =>
        ErrorText.Redacted(_secrets.Aggregate(text, (said, secret) => said.Replace(secret, ErrorText.Gone, StringComparison.Ordinal)));

    // Who has no name of its own, and threads that speak for a caller, are nobody's data.
    private string Person(string name) => name is "local" or "" || ThreadId.TryParse(name, out _) ? name
        : _people.TryGetValue(name, out var known) ? known
        : _people[name] = $"person_{_people.Count + 1}";

    [GeneratedRegex("(api[_-]?key|token|password|passwd|pwd|secret|credential|authorization)s?$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
