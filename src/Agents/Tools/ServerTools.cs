using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tools;

/// <summary>
/// Tools of another server, as an agent lists them: <c>server.tool</c>, or with stars for several. Which they are is
/// known once the server was asked, which is when a thread starts; until then this holds their place.
/// </summary>
public sealed record ServerTools(string Server, string Pattern)
    : Intent($"{Server}.{Pattern}", $"Tools of the MCP server {Server}.", JsonText.Parse("""{"type":"object"}"""))
{
    /// <summary>What the agent says of single tools, by name or pattern; a later one counts more.</summary>
    public IReadOnlyList<(string Names, Func<Tool, Tool> Change)> Changes { get; init; } = [];

    public bool IsOne => !Pattern.Contains('*');

    public static bool IsName(string name) => name.IndexOf('.') is > 0 and var dot && dot < name.Length - 1;

    public static ServerTools Parse(string name) => new(name[..name.IndexOf('.')], name[(name.IndexOf('.') + 1)..]);

    /// <summary>Whether this could stand for what a name or pattern names.</summary>
    public bool Has(string names) => Matches(Name, names) || Matches(names, Name);

    public Tool Changed(Tool tool) => Changes.Where(change => Matches(change.Names, tool.Name)).Aggregate(tool, (changed, change) => change.Change(changed));

    /// <summary>Whether a name fits a pattern, whose stars stand for any letters.</summary>
    public static bool Matches(string pattern, string name)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1)
        {
            return pattern == name;
        }

        if (name.Length < parts[0].Length + parts[^1].Length || !name.StartsWith(parts[0], StringComparison.Ordinal) || !name.EndsWith(parts[^1], StringComparison.Ordinal))
        {
            return false;
        }

        var at = parts[0].Length;
        var end = name.Length - parts[^1].Length;
        foreach (var part in parts[1..^1])
        {
            var found = name.IndexOf(part, at, end - at, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            at = found + part.Length;
        }

        return true;
    }
}
