using System.Net;
using System.Text.RegularExpressions;

namespace AgentMcp.Server.Tests.Inbox;

/// <summary>The form to answer with, as a browser holds it: what it would send if nobody touched anything, and then what was touched.</summary>
internal sealed partial class FilledForm
{
    private readonly List<(string Name, string Value)> _values = [];
    private readonly List<(string Name, string Value)> _marks = [];

    public FilledForm(string page)
    {
        var form = Form().Match(page).Value;
        Assert.NotEmpty(form);
        foreach (Match control in Control().Matches(form))
        {
            var of = Attribute().Matches(control.Groups["attributes"].Value).ToDictionary(one => one.Groups[1].Value, one => Text(one.Groups[2].Value));
            var (name, type) = (of.GetValueOrDefault("name", ""), of.GetValueOrDefault("type", ""));
            if (type is "radio" or "checkbox")
            {
                _marks.Add((name, of["value"]));
                _values.AddRange(of.ContainsKey("checked") ? [(name, of["value"])] : []);
            }
            else
            {
                _values.Add((name, control.Groups["tag"].Value == "input" ? of["value"] : Text(control.Groups["content"].Value)));
            }
        }
    }

    /// <summary>Marks one of the radio buttons or boxes of a name, by its place among them.</summary>
    public FilledForm Mark(string name, int place, bool alone = true)
    {
        _values.RemoveAll(one => alone && one.Name == name);
        _values.Add(_marks.Where(one => one.Name == name).ElementAt(place));
        return this;
    }

    public FilledForm Write(string name, string text)
    {
        Assert.Equal(1, _values.RemoveAll(one => one.Name == name));
        _values.Add((name, text));
        return this;
    }

    public (string Name, string Value)[] Press(string button) => [.. _values, ("do", button)];

    private static string Text(string markup) => WebUtility.HtmlDecode(markup);

    [GeneratedRegex("""<form method="post" action="/requests/.*?</form>""", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("""<(?<tag>input) (?<attributes>[^>]*)>|<(?<tag>textarea) (?<attributes>[^>]*)>(?<content>[^<]*)</textarea>""")]
    private static partial Regex Control();

    [GeneratedRegex("""([a-z-]+)(?:="([^"]*)")?""")]
    private static partial Regex Attribute();
}
