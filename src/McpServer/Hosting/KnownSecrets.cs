using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// The secrets of the configuration, to be taken out of what comes from elsewhere: a server may repeat the header it was
/// called with, or read the file it is configured in. What is known by its value is found; what was encoded otherwise than
/// in JSON or a URL is not. Thread-safe.
/// </summary>
internal sealed partial class KnownSecrets
{
    public const string Gone = "[redacted]";
    public static readonly KnownSecrets None = new([]);

    // A shorter one would be found in the middle of words.
    private const int Least = 8;
    private readonly string[] _forms;

    // The longest first: one may be part of another.
    public KnownSecrets(IEnumerable<string?> values) => _forms = [.. values.OfType<string>().SelectMany(Forms).ToFrozenSet(StringComparer.Ordinal)
        .OrderByDescending(form => form.Length).ThenBy(form => form, StringComparer.Ordinal)];

    /// <summary>Whether what is called so holds a secret. Other values stay as they are: a folder or an address is needed in results.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>What is secret among named values, by their names or by how they look.</summary>
    public static IEnumerable<string> Among(IEnumerable<KeyValuePair<string, string>> named) =>
        named.SelectMany(one => IsName(one.Key) ? [one.Value] : ErrorText.Secrets(one.Value));

    public string Of(string text) => _forms.Aggregate(text, (clean, form) => clean.Replace(form, Gone, StringComparison.Ordinal));

    /// <summary>Takes them out of every text of a message, in its place.</summary>
    public void Clean(JsonNode? node)
    {
        if (_forms.Length == 0)
        {
            return;
        }

        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    Clean(value, text => members[name] = text);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    var at = i;
                    Clean(list[at], text => list[at] = text);
                }

                break;
        }
    }

    private void Clean(JsonNode? value, Action<string> set)
    {
        if (value?.GetValueKind() != JsonValueKind.String)
        {
            Clean(value);
        }
        else if (value.GetValue<string>() is var said && Of(said) is var clean && clean != said)
        {
            set(clean);
        }
    }

    // "Bearer x" is repeated as x too, and either inside of a text that is JSON or a URL.
    private static IEnumerable<string> Forms(string value) =>
        from part in (string[])[value.Trim(), value.Trim().Split(' ')[^1]]
        from form in (string[])[part, Uri.EscapeDataString(part), JsonEncodedText.Encode(part).Value]
        where part.Length >= Least
        select form;

    [GeneratedRegex("(key|pwd|authorization|cookie|credential)s?$|(^|[_-])(pass|auth|dsn|pat)$|token|secret|passw", RegexOptions.IgnoreCase)]
    private static partial Regex Name();
}
