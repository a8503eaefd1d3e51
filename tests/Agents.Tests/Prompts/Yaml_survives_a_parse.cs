using System.Text.Json.Nodes;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using static AgentMcp.Agents.Tests.Bench.Logs;

namespace AgentMcp.Agents.Tests.Prompts;

/// <summary>Whatever a text holds, a YAML reader gets back the text, and not a null, a number or two lines fewer.</summary>
public sealed class Yaml_survives_a_parse
{
    public static TheoryData<string> Texts() =>
    [
        "", " ", "  leading", "trailing  ", "\ttab first", "tab\tinside", "tab last\t", "plain words", "a: b", "a:b", "a :b", "a:", ":a", ": a", "- a", "-", "-a", "--- ", "---", "...",
        "? a", "?", "a #b", "a#b", "# a", "#a", "@mia", "`a`", "'quoted'", "\"quoted\"", "it's", "back\\slash", "\\n", "%a", "!a", "!!str a", "&a", "*a", "|", ">", "| a", "> a", "<a>", "</a>", "a <b> c",
        "[a]", "[a", "a]", "{a}", "{a: b}", "a, b", ", a", "a{b", "null", "Null", "NULL", "~", "true", "True", "FALSE", "yes", "No", "on", "OFF", "y", "n", "1", "01", "-1", "+1", "1.5", ".5", "5.", "1e3", "1E+21", "0x1F", "0o17", "1_000",
        "1,000", ".inf", "-.INF", ".nan", "2026-03-01", "2026-03-01T09:00:00Z", "12:30:45", "12:30", "9f2c1ab", "1e10", "123e4", "=", "<<", "v1.2.3", "1.2.3", "=a", "^a", "+", "(a)", "$a", "~a", "/path/to", "./a", "a=b", "a;b",
        "Grüße", "世界", "🚀", "a 🚀 b", "🚀\nb", "👩‍👩‍👧", "e\u0301", "\u00A0nbsp", "a\u00A0", "\u200B", "a\u200Bb", "\uFEFFa", "\u2028", "a\u2028b", "a\u2029b", "\u0085", "a\u0085b", "\0", "\u0001", "a\u007Fb", "a\u001Bb", "\uE000", "a 🚀 \uE000", "\\ue000 🚀", "🚀: b", "\uFEFF🚀", "a\uFEFF\n🚀", "a: 🚀", "🚀 #b", "🚀🚀🎉\n🎉", "\uFFFD", "\uFFFE",
        "\n", "\n\n", "a\n", "a\n\n", "a\n\n\n", "\na", "\n\na", "a\nb", "a\nb\n", "a\n\nb", "a\n\n\nb\n\n", "a\n b", "a\n  b\nc", " a\nb", "  a\n b", "a \nb", "a\nb ", "a\n \nb", "a\n\tb", "a\r\nb", "a\rb", "\r", "a\r", "a\n- b", "a\n# b", "# a\nb",
        "a: b\nc: d", "- a\n- b", "---\na", "a\n---\nb", "a\n...\n", "a\n...", "```json\n{\"a\": 1}\n```", "a\nb: |\n  c", "| a\n  b", "# Title\n\n* one\n* two\n", "\"a\nb\"", "a\n  \n", "\ta\nb", "a\n<b>\n</b>",
        "x" + new string(' ', 200) + "y", new string('x', 2000), new string('x', 2000) + " " + new string('y', 2000), string.Join("\n", Enumerable.Repeat("a line of some words", 200)),
    ];

    [Theory]
    [Trait("Accepts", "F3.5")]
    [MemberData(nameof(Texts))]
    public void Wherever_a_text_stands(string text)
    {
        foreach (var json in new[]
        {
            new JsonObject { ["a"] = text },
            new JsonObject { ["a"] = text, ["b"] = "after" },
            new JsonObject { ["a"] = new JsonObject { ["b"] = text, ["c"] = new JsonArray(text, new JsonArray(text), new JsonObject { ["d"] = text, ["e"] = 1 }) }, ["f"] = text },
            new JsonObject { ["a" + text] = "b" },
            JsonValue.Create(text),
            (JsonNode)new JsonArray(text, text),
        })
        {
            Survives(json);
        }
    }

    [Theory]
    [Trait("Accepts", "F3.5")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("-1.50")]
    [InlineData("1E+21")]
    [InlineData("""{"a":null,"b":[],"c":{},"d":[{}],"e":[[]],"f":[null]}""")]
    [InlineData("""{"a":[[1,2],[3]],"b":[{"c":1,"d":[2]},{"e":{"f":[]}}],"":"empty key"}""")]
    public void Whatever_its_shape(string json) => Survives(JsonNode.Parse(json)!);

    [Fact]
    [Trait("Accepts", "F3.1")]
    [Trait("Accepts", "F3.5")]
    public void In_the_order_given_and_as_plain_as_it_can_be() =>
        Assert.Equal("""
            <message_received>
            zebra: 1
            apple:
              nested:
              - one
              - two
              none:
              empty: ""
              nothing: []
            text: |-
              first line
                indented
              last: line
            number: "12"
            ok: true
            </message_received>
            """.Replace("none:", "none: null", StringComparison.Ordinal),
            Shown(Started("""{"zebra":1,"apple":{"nested":["one","two"],"none":null,"empty":"","nothing":[]},"text":"first line\n  indented\nlast: line","number":"12","ok":true}""")));

    private static void Survives(JsonNode? json)
    {
        var block = Shown(Started(json?.ToJsonString() ?? "null"));
        var body = block["<message_received>\n".Length..^"\n</message_received>".Length];
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(body + "\n"));
        }
        catch (YamlException e)
        {
            Assert.Fail($"{e.Message} in:\n{body}");
        }

        Assert.True(JsonNode.DeepEquals(json, Read(yaml.Documents[0].RootNode)), $"{json?.ToJsonString()} became:\n{body}");
    }

    private static JsonNode? Read(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(Said(((YamlScalarNode)pair.Key).Value!), Read(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Read)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } truth => JsonValue.Create(truth.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } number when IsNumber(number.Value!) => JsonNode.Parse(number.Value!),
        YamlScalarNode text => JsonValue.Create(Said(text.Value!)),
        _ => throw new InvalidOperationException(node.NodeType.ToString()),
    };

    private static bool IsNumber(string text) => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _) && !text.EndsWith("nan", StringComparison.OrdinalIgnoreCase);

    private static string Said(string text) => text.Replace("&lt;", "<", StringComparison.Ordinal);
}
