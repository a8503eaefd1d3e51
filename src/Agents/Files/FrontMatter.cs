using System.Text.RegularExpressions;
using AgentMcp.State.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AgentMcp.Agents.Files;

/// <summary>The head of an agent file: YAML between two lines of three dashes, and the prompt below it.</summary>
internal sealed partial class FrontMatter
{
    private readonly string _path;
    private readonly Dictionary<string, (YamlNode Value, int Line)> _fields = new(StringComparer.Ordinal);

    private FrontMatter(string path, string body, int bodyLine) => (_path, Body, BodyLine) = (path, body, bodyLine);

    public string Path => _path;

    /// <summary>Whether it comes with the program, whose tests have checked it against its schemas.</summary>
    public bool IsShipped { get; set; }

    public string Body { get; }

    /// <summary>The line of the file on which the body begins, counted from 1.</summary>
    public int BodyLine { get; }

    public static FrontMatter Parse(string path, string text)
    {
        var (matter, head) = Cut(path, text);
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(head));
            var root = yaml.Documents.Count == 0 ? new YamlMappingNode() : yaml.Documents[0].RootNode;
            foreach (var (key, value) in (root as YamlMappingNode ?? throw matter.Wrong(2, "the front matter must be fields, such as name: my_agent")).Children)
            {
                matter._fields[key.ToString()] = (value, (int)key.Start.Line + 1);
            }
        }
        catch (YamlException e)
        {
            throw matter.Wrong((int)e.Start.Line + 1, $"this is not YAML: {e.Message.Split('\n')[0]}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What the reader throws when it is lost, without a place.
            throw matter.Wrong(2, "this is not YAML; is a bracket or a quote left open?");
        }

        return matter;
    }

    /// <summary>The head as lines of <c>name: text</c>, in which any character may follow, and lines that go on below them.</summary>
    public static FrontMatter ParseLines(string path, string text)
    {
        var (matter, head) = Cut(path, text);
        var (name, lines) = ((string?)null, head.Split('\n'));
        for (var i = 0; i < lines.Length; i++)
        {
            if (Field().Match(lines[i]) is { Success: true } field)
            {
                name = field.Groups["name"].Value;
                matter._fields[name] = (new YamlScalarNode(field.Groups["text"].Value.Trim()), i + 2);
            }
            else if (name is not null && lines[i].Trim() is { Length: > 0 } more)
            {
                matter._fields[name] = (new YamlScalarNode($"{matter.Text(name)}\n{more}".TrimStart('\n')), matter._fields[name].Line);
            }
        }

        return matter;
    }

    private static (FrontMatter Matter, string Head) Cut(string path, string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var end = lines[0].TrimEnd() == "---" ? Array.FindIndex(lines, 1, line => line.TrimEnd() == "---") : -1;
        if (end < 0)
        {
            throw new AgentFileException(path, 1, "the file must begin with front matter: a line of three dashes, YAML, and another such line");
        }

        var begin = end + 1;
        while (begin < lines.Length && lines[begin].Length == 0)
        {
            begin++;
        }

        return (new(path, string.Join('\n', lines[begin..]).TrimEnd('\n'), begin + 1), string.Join('\n', lines[1..end]));
    }

    public AgentFileException Wrong(int line, string reason, string? meant = null) => new(_path, line, reason, meant);

    /// <param name="item">The item of a list or the name within fields that is wrong, for its own line.</param>
    /// <param name="meant">What was probably meant instead.</param>
    public AgentFileException Wrong(string field, string reason, string? item = null, string? meant = null) =>
        new(new Remark(RemarkKind.Problem, _path, LineOf(field, item), reason, meant), field, item);

    /// <summary>A name that is none of those there are: with the nearest one, or with all of them where none is near.</summary>
    public AgentFileException Unknown(string field, string item, string reason, IReadOnlyList<string> known) =>
        Nearest.To(item, known) is { } meant ? Wrong(field, reason, item, meant) : Wrong(field, known.Count == 0 ? reason : $"{reason}; there are {string.Join(", ", known)}", item);

    public YamlNode? Node(string field) => _fields.TryGetValue(field, out var found) ? found.Value : null;

    public IEnumerable<string> Names => _fields.Keys;

    public bool Has(string field) => _fields.ContainsKey(field);

    public void AllowOnly(IReadOnlyList<string> known)
    {
        foreach (var name in _fields.Keys)
        {
            if (!known.Contains(name))
            {
                throw Nearest.To(name, known) is { } meant
                    ? Wrong(name, $"there is no field '{name}'", meant: meant)
                    : Wrong(name, $"there is no field '{name}'; the fields are {string.Join(", ", known)}");
            }
        }
    }

    /// <summary>Takes an item out of a field, or the field itself where there is no such item.</summary>
    public void TakeOut(string? field, string? item)
    {
        var taken = field is not null && _fields.TryGetValue(field, out var found) && item is not null && found.Value switch
        {
            YamlMappingNode map => map.Children.Keys.FirstOrDefault(key => key.ToString() == item) is { } key && map.Children.Remove(key),
            YamlSequenceNode list => list.Children.FirstOrDefault(node => node.ToString() == item) is { } node && list.Children.Remove(node),
            _ => false,
        };
        if (!taken && field is not null)
        {
            _fields.Remove(field);
        }
    }

    public string? Text(string field) => _fields.TryGetValue(field, out var found)
        ? (found.Value as YamlScalarNode)?.Value ?? throw Wrong(field, $"{field} must be text")
        : null;

    public string Required(string field) =>
        Text(field) is { Length: > 0 } text ? text : throw Wrong(field, $"the field '{field}' is missing");

    public IReadOnlyList<string> List(string field) => _fields.TryGetValue(field, out var found)
        ? [.. (found.Value as YamlSequenceNode ?? throw Wrong(field, $"{field} must be a list, such as [a, b]")).Select(item => item.ToString())]
        : [];

    public IReadOnlyDictionary<string, string> Map(string field) => _fields.TryGetValue(field, out var found)
        ? (found.Value as YamlMappingNode ?? throw Wrong(field, $"{field} must be fields, such as {{ steps: 10 }}"))
            .Children.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.ToString())
        : new Dictionary<string, string>();

    public JsonText? Json(string field) =>
        _fields.TryGetValue(field, out var found) ? JsonText.Write(writer => YamlJson.Write(writer, found.Value)) : null;

    public int LineOf(string field, string? item = null)
    {
        if (!_fields.TryGetValue(field, out var found))
        {
            return 1;
        }

        var nodes = found.Value switch
        {
            YamlMappingNode map => map.Children.Keys,
            YamlSequenceNode list => list.Children,
            _ => (IEnumerable<YamlNode>)[],
        };
        return nodes.FirstOrDefault(node => node.ToString() == item) is { } place ? (int)place.Start.Line + 1 : found.Line;
    }

    [GeneratedRegex(@"\A(?<name>[A-Za-z][A-Za-z0-9_-]*):(?:\s(?<text>.*))?\z", RegexOptions.Singleline)]
    private static partial Regex Field();
}
