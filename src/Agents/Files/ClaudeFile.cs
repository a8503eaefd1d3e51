using AgentMcp.Agents.Tools;
using YamlDotNet.RepresentationModel;

namespace AgentMcp.Agents.Files;

/// <summary>
/// A subagent file of Claude Code, read as it is: its prompt word for word, its name and description, and of its tools
/// those that are here too. What has nothing like it here is said, and never silently let go.
/// </summary>
internal sealed class ClaudeFile
{
    private const string Server = "mcp__";

    /// <summary>Fields whose loss changes nothing of what the agent does.</summary>
    private static readonly string[] Looks = ["color"];

    private readonly string _path;
    private readonly FrontMatter _matter;

    private ClaudeFile(string path, FrontMatter matter)
    {
        (_path, _matter) = (path, matter);
        Name = Field.NameOf(matter);
        Description = matter.Required("description");
        // Its own format says otherwise of these, or nothing: taken for such a file, a gate would be lost.
        if (Field.All.Select(field => field.Name).Except(["name", "description", "tools", "model"]).FirstOrDefault(matter.Has) is { } ours)
        {
            throw matter.Wrong(ours, $"a Claude Code subagent has no field '{ours}'; if this is an agent file, name it {Path.GetFileNameWithoutExtension(path)}{FolderFiles.Ending}");
        }
    }

    public string Name { get; }

    public string Description { get; }

    /// <summary>The agents it may call, if they are here.</summary>
    public IReadOnlyList<string> Agents => [.. Named("tools").SelectMany(AgentsIn)];

    public static bool Is(string text) =>
        text.StartsWith("---", StringComparison.Ordinal) && text.IndexOf("\n---", StringComparison.Ordinal) is > 0 and var end
        && text.AsSpan(0, end).IndexOf("\nname:", StringComparison.Ordinal) > 0 && text.AsSpan(0, end).IndexOf("\ndescription:", StringComparison.Ordinal) > 0;

    /// <exception cref="AgentFileException">It has no usable name or no description, or fields of an agent file.</exception>
    public static ClaudeFile Parse(string path, string text)
    {
        FrontMatter matter;
        try
        {
            matter = FrontMatter.Parse(path, text);
        }
        catch (AgentFileException)
        {
            // Descriptions with examples are seldom YAML, and Claude Code takes them.
            matter = FrontMatter.ParseLines(path, text);
        }

        return new(path, matter);
    }

    public int LineOf(string field) => _matter.LineOf(field);

    /// <param name="known">The tools there are.</param>
    /// <param name="servers">The MCP servers there are.</param>
    public Microagent Agent(IReadOnlyDictionary<string, Tool> known, IReadOnlyCollection<string> servers, ICollection<Remark> remarks)
    {
        List<string> lost = [];
        List<Intent> tools = [];
        var barred = Named("disallowedTools").SelectMany(name => Here(name, known, servers)).Select(tool => tool.Name).ToHashSet();
        foreach (var name in Named("tools"))
        {
            var here = Here(name, known, servers).ToList();
            var allowed = here.Where(tool => !barred.Any(other => other == tool.Name || (tool as ServerTools)?.Has(other) == true)).ToList();
            tools.AddRange(allowed.Where(tool => !tools.Contains(tool)));
            // Of a server's tools all or those that are named can be had, but not all but one.
            if (here.Count == 0 || (allowed.Count == 0 && !barred.Contains(here[0].Name)))
            {
                lost.Add($"tool {name}");
            }
        }

        if (!_matter.Has("tools"))
        {
            lost.Add("all tools, which it has there without naming any");
        }

        if (_matter.Has("model") && _matter.Text("model") is { } model && model != "inherit")
        {
            lost.Add($"model {model} (the server's is used)");
        }

        lost.AddRange(_matter.Names.Except(["name", "description", "tools", "disallowedTools", "model", "maxTurns", .. Looks]).Select(name => $"field {name}"));
        remarks.Add(new(RemarkKind.Note, _path, 1, $"'{Name}' was read as a Claude Code subagent{(lost.Count == 0 ? "; all of it could be mapped" : $", without what has nothing like it here: {string.Join(", ", lost)}")}"));
        return new(Name, Description, Microagent.MessageSchema, Microagent.MessageSchema, _matter.Body,
            [.. tools, StandardIntents.RequestMoreInformation, StandardIntents.DoneForNow(Microagent.MessageSchema)],
            int.TryParse(_matter.Has("maxTurns") ? _matter.Text("maxTurns") : null, out var steps) && steps > 0 ? new Limits(Steps: steps) : new Limits());
    }

    private static IEnumerable<Intent> Here(string name, IReadOnlyDictionary<string, Tool> known, IReadOnlyCollection<string> servers)
    {
        if (AgentsIn(name).ToList() is { Count: > 0 } agents)
        {
            return agents.Where(known.ContainsKey).Select(agent => known[agent]);
        }

        if (!name.StartsWith(Server, StringComparison.Ordinal))
        {
            return known.TryGetValue(name, out var tool) ? [tool] : [];
        }

        // mcp__server__tool names one tool of a server; mcp__server and mcp__server__* all of them.
        var parts = name[Server.Length..].Split("__", 2);
        return servers.Contains(parts[0]) ? [new ServerTools(parts[0], parts is [_, var one] ? one : "*")] : [];
    }

    /// <summary>The agents of <c>Agent(one, another)</c>, which was once called Task.</summary>
    private static IEnumerable<string> AgentsIn(string name) => name.EndsWith(')') && (name.StartsWith("Agent(", StringComparison.Ordinal) || name.StartsWith("Task(", StringComparison.Ordinal))
        ? name[(name.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [];

    /// <summary>The items of a list or of a text with commas, in which brackets hold together what is in them.</summary>
    private IEnumerable<string> Named(string field)
    {
        var items = _matter.Node(field) switch
        {
            YamlSequenceNode list => list.Select(item => item.ToString()),
            YamlScalarNode { Value: { } text } => Apart(text),
            _ => [],
        };
        return items.Select(item => item.Trim(' ', '-')).Where(item => item.Length > 0);
    }

    private static IEnumerable<string> Apart(string text)
    {
        var (from, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] is ',' or '\n' && depth <= 0)
            {
                yield return text[from..i];
                from = i + 1;
            }
        }

        yield return text[from..];
    }
}
