using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.State.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// JSON as YAML for a prompt: members in their order, text as plain as it can be, and no text that could be taken
/// for a block of the prompt. Parsing the result gives the same values back. Pure.
/// </summary>
internal static partial class Yaml
{
    public static string Of(JsonText json)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithNewLine("\n").WithMaxSimpleKeyLength(1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        var standIns = new StandIns(json);
        Emit(emitter, json.Element(), standIns);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        var yaml = text.ToString();
        // A lone scalar is closed by an explicit document end, which says nothing here. Text that holds one is indented.
        yaml = yaml.EndsWith("\n...\n", StringComparison.Ordinal) ? yaml[..^4] : yaml;
        return standIns.Show(yaml.EndsWith('\n') ? yaml[..^1] : yaml);
    }

    /// <summary>Makes an opening or closing tag in foreign text inert; other uses of the sign stay as they are.</summary>
    public static string Inert(string text) => Tag().Replace(text, "&lt;");

    /// <summary>The same JSON, without anything that could be taken for a tag: there the sign stands in text only.</summary>
    public static string InertJson(JsonText json) => Tag().Replace(json.Text, match => $"\\u{(int)match.Value[0]:x4}");

    private static void Emit(Emitter emitter, JsonElement value, StandIns standIns)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(null, null, true, value.EnumerateObject().Any() ? MappingStyle.Block : MappingStyle.Flow));
                foreach (var member in value.EnumerateObject())
                {
                    Text(emitter, member.Name, standIns);
                    Emit(emitter, member.Value, standIns);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(null, null, true, value.GetArrayLength() > 0 ? SequenceStyle.Block : SequenceStyle.Flow));
                foreach (var item in value.EnumerateArray())
                {
                    Emit(emitter, item, standIns);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                Text(emitter, value.GetString()!, standIns);
                break;
            default:
                emitter.Emit(new Scalar(null, null, value.GetRawText(), ScalarStyle.Plain, true, false));
                break;
        }
    }

    private static void Text(Emitter emitter, string value, StandIns standIns)
    {
        var text = Inert(value);
        var style = Plain().IsMatch(text) && !Mistakable().IsMatch(text) ? ScalarStyle.Plain
            : Literal().IsMatch(text) ? ScalarStyle.Literal
            : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(null, null, standIns.Hide(text), style, style == ScalarStyle.Plain, style != ScalarStyle.Plain));
    }

    // What is not seen (controls, format characters, marks, fillers), and whatever in this position a model may read as a letter.
    private const string Unseen = @"\p{C}\p{M}\u115F\u1160\u3164\uFFA0";
    private const string Letter = @"[A-Za-z_\uFF21-\uFF3A\uFF3F\uFF41-\uFF5A\u24B6-\u24E9\uD835]";

    // The sign or one that looks like it, before a letter or a slash; with space between only before a slash, or a name and the end of a tag.
    [GeneratedRegex(@"[<\uFE64\uFF1C](?=(?>[" + Unseen + @"-[\t\r\n\uD835]]*)(?:" + Letter + @"|[/!?\uFF01\uFF0F\uFF1F])|(?>[\s" + Unseen + @"-[\uD835]]*)(?:[/\uFF0F]|" + Letter + @"(?>[\w" + Unseen + @"]*)(?>[\s" + Unseen + @"]*)[>\uFE65\uFF1E]))")]
    private static partial Regex Tag();

    // Starts with a letter, digit, path or bracket sign that YAML gives no meaning, and holds no ": " or " #".
    [GeneratedRegex(@"\A(?![-?:] )[\p{L}\p{N}\p{Cs}_/.$(+<;^~=][^\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029\n]*(?<! )\z(?<!:)(?<!\A[^\n]*(: | #)[^\n]*)")]
    private static partial Regex Plain();

    // What a YAML reader would take for a null, a truth value, a number or a date.
    [GeneratedRegex(@"\A(~|null|true|false|yes|no|on|off|y|n|[-+]?([\d_,]*\.?[\d_,]+\.?(e[-+]?\d+)?|0x[\da-f_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*(:\d\d?)+(\.\d*)?)|[-+]?\.(inf|nan)|\d{4}-\d\d?-\d\d?.*|<<|=)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Mistakable();

    // Several lines, none of which begins the text with space or ends in space, and nothing invisible.
    [GeneratedRegex(@"\A(?!\s)(?=[^\n]*\n)(?:[^\p{Cc}\u2028\u2029\uFEFF]*(?<![ ])(\n|\z))+\z")]
    private static partial Regex Literal();
}
