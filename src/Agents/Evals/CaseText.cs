using System.Text.Encodings.Web;
using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>
/// A case as the text people read and edit: one event a line, and every prompt as its lines, so that a change shows as a
/// difference of lines. Pure.
/// </summary>
internal static class CaseText
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 128,
    };

    public static string Of(Case recorded) => Members(
        ("case", $"{CaseFile.Format}"),
        ("about", recorded.About is { } about ? Text(about) : null),
        ("agent", Text(recorded.Agent)),
        ("definition", recorded.Definition is { } definition ? JsonSerializer.Serialize(definition.Element(), Readable) : null),
        ("events", List(recorded.Events.Select(ThreadJson.Write))),
        ("steps", List(recorded.Steps.Select(Of)))) + "\n";

    private static string Of(CaseStep step) => Members(
        ("version", $"{step.Version}"),
        ("system", Lines(step.System)),
        ("user", Lines(step.User)),
        ("output", step.Output is not { } output ? null
            // A step in its JSON; anything else as the text it is.
            : output.StartsWith('{') && JsonText.TryParse(output, out var json) && json.Text == output ? output : Text(output)),
        ("assert", step.Assertions.Count == 0 ? null : Members([.. step.Assertions.GroupBy(assertion => assertion.Target).Select(target => (target.Key, (string?)Of(target)))])));

    private static string Of(IGrouping<string, Assertion> target) => target.Key == Assertion.Judge
        ? target.First().Expected.Text
        : $"{{ {string.Join(", ", target.Select(assertion => $"{Text(assertion.Matcher)}: {assertion.Expected}"))} }}";

    private static string? Lines(string? text) => text is null ? null : List(text.Split('\n').Select(Text));

    private static string Text(string text) => JsonText.Of(text).Text;

    private static string Members(params ReadOnlySpan<(string Name, string? Value)> members) =>
        Block('{', [.. members.ToArray().Where(member => member.Value is not null).Select(member => $"{Text(member.Name)}: {member.Value}")], '}');

    private static string List(IEnumerable<string> items) => Block('[', [.. items], ']');

    // No string of JSON holds a line feed as it is, so that every one is between two values.
    private static string Block(char open, IReadOnlyList<string> items, char close) => items.Count == 0 ? $"{open}{close}"
        : $"{open}\n  {string.Join(",\n", items).Replace("\n", "\n  ", StringComparison.Ordinal)}\n{close}";
}
