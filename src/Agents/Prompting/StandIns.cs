using System.Text.RegularExpressions;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// The YAML library writes an emoji, or any character beyond the first plane, as an escape. Each is so emitted as a
/// private character that stands in for it, and put back afterwards. Text with private characters of its own is left alone.
/// </summary>
internal sealed partial class StandIns(JsonText json)
{
    private const int First = 0xE000;
    private const int Most = 6400;
    private readonly bool _free = !Private().IsMatch(json.Text);
    private readonly List<string> _hidden = [];

    public string Hide(string text) => _free ? Pair().Replace(text, match => StandIn(match.Value)) : text;

    public string Show(string yaml) => _hidden.Count == 0 ? yaml : Used().Replace(yaml, match => _hidden[match.Value[0] - First]);

    private string StandIn(string pair)
    {
        var at = _hidden.IndexOf(pair);
        if (at < 0 && _hidden.Count < Most)
        {
            at = _hidden.Count;
            _hidden.Add(pair);
        }

        return at < 0 ? pair : ((char)(First + at)).ToString();
    }

    [GeneratedRegex(@"[\uD800-\uDBFF][\uDC00-\uDFFF]")]
    private static partial Regex Pair();

    [GeneratedRegex(@"[\uE000-\uF8FF]")]
    private static partial Regex Used();

    // Itself, or as JSON or a text may spell it.
    [GeneratedRegex(@"[\uE000-\uF8FF]|\\u[efEF]")]
    private static partial Regex Private();
}
