using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>A place in the JSON of a case, and how what is wrong there is told.</summary>
internal sealed class CaseReader(string path, JsonElement element, string place)
{
    public JsonText Value => JsonText.From(element);

    public CaseFileException Wrong(string reason) => new(path, $"{place}: {reason}");

    public void AllowOnly(string[] known)
    {
        if (Members().Select(member => member.Name).FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw Wrong($"there is no '{unknown}'; there are {string.Join(", ", known)}");
        }
    }

    public IEnumerable<(string Name, CaseReader Value)> Members() => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().Select(member => (member.Name, new CaseReader(path, member.Value, $"{place}, {member.Name}")))
        : throw Wrong($"this must be an object, not {Short()}");

    public CaseReader? Find(string name) => element.ValueKind != JsonValueKind.Object ? throw Wrong($"this must be an object, not {Short()}")
        : element.TryGetProperty(name, out var member) ? new(path, member, place == "the case" ? name : $"{place}, {name}") : null;

    public int Number(string name) => Find(name) is { } found
        ? found.AsNumber() ?? throw found.Wrong($"this must be a whole number, not {found.Short()}")
        : throw Wrong($"'{name}' is missing");

    public string Text(string name) => Find(name) is { } found
        ? found.Value.AsString() ?? throw found.Wrong($"this must be a text, not {found.Short()}")
        : throw Wrong($"'{name}' is missing");

    public JsonText? Json(string name) => Find(name)?.Value;

    public IEnumerable<CaseReader> List(string name) => Find(name) is { } found
        ? found.Items(name)
        : throw Wrong($"'{name}' is missing");

    /// <summary>A text that is kept as its lines.</summary>
    public string? Lines(string name) => Find(name) is not { } found ? null
        : string.Join('\n', found.Items(name).Select(line => line.Value.AsString() ?? throw line.Wrong($"this must be a line of text, not {line.Short()}")));

    public ThreadEvent Event()
    {
        try
        {
            return ThreadJson.Read(element.GetRawText());
        }
        catch (InvalidDataException e)
        {
            throw Wrong($"this is no event: {e.InnerException?.Message ?? e.Message}");
        }
    }

    private int? AsNumber() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) ? number : null;

    private IEnumerable<CaseReader> Items(string name) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().Select((item, i) => new CaseReader(path, item, $"{name}[{i + 1}]"))
        : throw Wrong($"this must be a list, not {Short()}");

    private string Short() => Tools.ErrorText.Cut(element.GetRawText(), 60);
}
