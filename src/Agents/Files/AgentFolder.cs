using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>
/// Reads the agent files of a folder together, since an agent may name another as its tool, in whatever order the files
/// come. One that cannot be used becomes a problem; so do those that name it, and nobody else.
/// </summary>
internal static class AgentFolder
{
    public static (IReadOnlyList<Microagent> Agents, IReadOnlyList<string> Problems) Read(
        string folder, IReadOnlyList<Microagent> builtIn, IReadOnlyDictionary<string, Tool> tools)
    {
        var problems = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var files = new List<File>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.agent.md").Order(StringComparer.Ordinal))
        {
            Try(path, () => files.Add(File.Read(path)));
        }

        foreach (var file in files.ToList())
        {
            var first = builtIn.All(agent => agent.Name != file.Name) && files.First(other => other.Name == file.Name) == file;
            Check(file, first ? null : $"{file.Path}:1: there is already an agent named '{file.Name}'");
        }

        foreach (var (file, circle) in files.Select(file => (file, Circle(file, files, tools))).ToList())
        {
            Check(file, circle is null ? null : file.Wrong($"'{file.Name}' would come to call itself: {string.Join(" -> ", [file.Name, .. circle])}").Message);
        }

        // Whoever names an agent that cannot be used cannot be used either, so the others are read again without it.
        List<Microagent> agents;
        int left;
        do
        {
            left = files.Count;
            var known = Known(files, builtIn, tools);
            agents = [];
            files.RemoveAll(file => !Try(file.Path, () => agents.Add(AgentFile.Parse(file.Path, file.Text, known))));
        }
        while (files.Count < left);

        return (agents, [.. problems.Values]);

        void Check(File file, string? problem)
        {
            if (problem is not null)
            {
                problems[file.Path] = problem;
                files.Remove(file);
            }
        }

        bool Try(string path, Action read)
        {
            try
            {
                read();
                return true;
            }
            catch (Exception e) when (e is AgentFileException or IOException or UnauthorizedAccessException)
            {
                problems[path] = e.Message;
                return false;
            }
        }
    }

    // A tool in code keeps its name when an agent has the same.
    private static Dictionary<string, Tool> Known(List<File> files, IReadOnlyList<Microagent> builtIn, IReadOnlyDictionary<string, Tool> tools)
    {
        var known = tools.ToDictionary(StringComparer.Ordinal);
        foreach (var agent in builtIn.Select(AgentAsTool.Of).Concat(files.Select(file => file.Tool)))
        {
            known.TryAdd(agent.Name, agent);
        }

        return known;
    }

    /// <summary>The agents over which this one would call itself, ending with itself; null when it would not.</summary>
    private static List<string>? Circle(File from, List<File> files, IReadOnlyDictionary<string, Tool> tools)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Walk(from, []);

        List<string>? Walk(File at, List<string> path) => at.Names.Where(name => !tools.ContainsKey(name))
            .Select(name => name == from.Name ? [.. path, name]
                : seen.Add(name) && files.Find(file => file.Name == name) is { } next ? Walk(next, [.. path, name]) : null)
            .FirstOrDefault(circle => circle is not null);
    }

    private sealed record File(string Path, string Text, Tool Tool, IReadOnlyList<string> Names, Func<string, AgentFileException> Wrong)
    {
        public string Name => Tool.Name;

        public static File Read(string path)
        {
            var text = System.IO.File.ReadAllText(path);
            var (tool, names, wrong) = AgentFile.Head(path, text);
            return new(path, text, tool, names, wrong);
        }
    }
}
