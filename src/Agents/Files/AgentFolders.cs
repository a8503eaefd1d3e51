using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>
/// The folders of agents, read together since an agent may name another as its tool, in whatever order the files come.
/// One that cannot be used becomes a problem; so do those that name it, and nobody else. Whoever reads them again keeps
/// the last good agent of a file that has become unusable. One reader at a time.
/// </summary>
/// <param name="folders">Of two agents with one name, that of the earlier folder counts.</param>
/// <param name="home">The user's own folder, which counts last and need not be there.</param>
/// <param name="reserved">Names no agent may have.</param>
/// <param name="servers">The MCP servers whose tools a file may name.</param>
public sealed class AgentFolders(
    IReadOnlyList<string> folders, string? home, IReadOnlyList<Microagent> builtIn, IReadOnlyDictionary<string, Tool> tools, IReadOnlyCollection<string>? reserved = null,
    IReadOnlyCollection<string>? servers = null)
{
    private readonly Dictionary<string, Microagent> _good = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Stamp> _looked = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _listed = [];

    /// <summary>All folders, whether or not they are there.</summary>
    public IReadOnlyList<string> All => home is null ? folders : [.. folders, home];

    /// <summary>Whether a file that the last reading looked for, or should have, is not as it was then.</summary>
    public bool HaveChanged => !Listed().SequenceEqual(_listed, StringComparer.Ordinal) || _looked.Any(file => Stamp.Of(file.Key) != file.Value);

    public MicroagentCatalog Load()
    {
        var catalog = new MicroagentCatalog([]);
        Into(catalog);
        return catalog;
    }

    /// <summary>Reads all files and makes them the catalog's agents, beside those that are built in.</summary>
    public void Into(MicroagentCatalog catalog)
    {
        var reading = Read();
        var remarks = reading.Remarks;
        catalog.Replace([.. builtIn, .. reading.End()], remarks);
    }

    /// <summary>Everything there is to say of the files, each looked at to its end, and how many they are.</summary>
    public (int Files, IReadOnlyList<Remark> Remarks) Check()
    {
        var reading = Read();
        var (known, broken) = (Known(reading), reading.Broken);
        var looked = reading.Tried.Where(path => path.EndsWith(FolderFiles.Ending, StringComparison.Ordinal)).SelectMany(path => Lint.Of(path, File.ReadAllText(path), known, broken, servers ?? [])).ToList();
        var rest = reading.Remarks.Where(remark => remark.Kind != RemarkKind.Problem || !looked.Exists(other => other.Kind == RemarkKind.Problem && other.Path == remark.Path));
        return (reading.Tried.Count, [.. looked.Concat(rest).Distinct().OrderBy(remark => remark.Path, StringComparer.Ordinal).ThenBy(remark => remark.Line)]);
    }

    private Reading Read()
    {
        _listed = Listed();
        _looked.Clear();
        var reading = new Reading(_looked, _good);
        foreach (var folder in All)
        {
            if (!Directory.Exists(folder))
            {
                reading.Missing(folder, needed: folder != home);
                continue;
            }

            reading.Heads(folder);
        }

        foreach (var file in reading.Files.ToList())
        {
            reading.Check(file, NameProblem(file, reading));
        }

        foreach (var (file, circle) in reading.Files.Select(file => (file, file.Circle(reading.Files, tools.ContainsKey))).ToList())
        {
            reading.Check(file, circle is null ? null
                : new(RemarkKind.Problem, file.Path, file.NamesLine, $"'{file.Name}' would come to call itself: {string.Join(" -> ", [file.Name, .. circle])}"));
        }

        // Whoever names an agent that cannot be used cannot be used either, so the others are read again without it.
        int left;
        do
        {
            left = reading.Files.Count;
            reading.Read(Known(reading), servers ?? []);
        }
        while (reading.Files.Count < left);

        return reading;
    }

    // A folder that cannot be listed is a problem of the reading, which says so.
    private List<string> Listed()
    {
        List<string> listed = [];
        foreach (var folder in All.Where(Directory.Exists))
        {
            try
            {
                listed.AddRange(FolderFiles.In(folder));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                listed.Add(folder);
            }
        }

        return listed;
    }

    private Remark? NameProblem(HeadOfFile file, Reading reading)
    {
        if (builtIn.Any(agent => agent.Name == file.Name))
        {
            return new(RemarkKind.Problem, file.Path, 1, $"there is already an agent named '{file.Name}', which comes with the program; choose another name");
        }

        if (reserved?.Contains(file.Name) == true)
        {
            return new(RemarkKind.Problem, file.Path, 1, $"an agent cannot be named '{file.Name}'; a tool of the server has that name");
        }

        var first = reading.Files.First(other => other.Name == file.Name);
        return first == file ? null
            : first.Folder == file.Folder ? new(RemarkKind.Problem, file.Path, 1, $"there is already an agent named '{file.Name}', in {first.Path}; choose another name")
            : new(RemarkKind.Note, file.Path, 1, $"'{file.Name}' is not used: {first.Path} has the same name, and its folder counts first");
    }

    // A tool in code keeps its name when an agent has the same.
    private Dictionary<string, Tool> Known(Reading reading)
    {
        var known = tools.ToDictionary(StringComparer.Ordinal);
        foreach (var agent in builtIn.Where(agent => agent.IsListed).Select(AgentAsTool.Of).Concat(reading.Files.Select(file => file.Tool)).Concat(reading.Kept.Select(AgentAsTool.Of)))
        {
            known.TryAdd(agent.Name, agent);
        }

        return known;
    }
}
