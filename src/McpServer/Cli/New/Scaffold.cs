using System.Reflection;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli.New;

/// <summary>The files of one kind of agent, from templates that are real files: names are filled in, and nothing else is.</summary>
internal sealed class Scaffold(string kind, NewName name, string into)
{
    private const string NextName = "NEXT.txt";

    /// <summary>What the templates call the agent, its code, and the folder of this program.</summary>
    private static readonly (string Agent, string Code, string Program) Marks = ("__agent__", "__Agent__", "__program__");

    /// <summary>What to do with it.</summary>
    public string Next => Filled(Text(Templates()[NextName])).TrimEnd();

    /// <summary>A workflow is what a program of one's own is, and more: what it has under the same name counts.</summary>
    private string[] Roots => kind == "workflow" ? ["new/code/", "new/workflow/"] : [$"new/{kind}/"];

    /// <summary>Writes all files, or none.</summary>
    /// <returns>Their paths, as from the folder.</returns>
    /// <exception cref="RefusedException">One of them is there already.</exception>
    public IReadOnlyList<string> Write()
    {
        var files = Templates().Where(file => file.Key != NextName).Select(file => (Path: Filled(file.Key), Text: Filled(Text(file.Value)))).ToList();
        var there = files.Where(file => File.Exists(Path.Combine(into, file.Path))).Select(file => file.Path).ToList();
        if (there.Count > 0)
        {
            throw new RefusedException(RefusalCode.InvalidInput,
                $"Nothing was written, because this is in {into} already: {string.Join(", ", there)}. Choose another name, or another folder with --into.");
        }

        foreach (var (path, text) in files)
        {
            var place = Path.Combine(into, path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            // Of two that write at once, the second finds it there.
            using var file = new StreamWriter(new FileStream(place, FileMode.CreateNew));
            file.Write(text);
        }

        return [.. files.Select(file => file.Path)];
    }

    /// <summary>From the path of each file to the resource it is made of.</summary>
    private SortedDictionary<string, string> Templates()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (root, resource) in Roots.SelectMany(root => Resources.GetManifestResourceNames().Select(resource => (root, resource))))
        {
            if (resource.Replace('\\', '/') is var path && path.StartsWith(root, StringComparison.Ordinal))
            {
                found[path[root.Length..]] = resource;
            }
        }

        return found;
    }

    private static Assembly Resources => typeof(Scaffold).Assembly;

    private static string Text(string resource)
    {
        using var stream = Resources.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private string Filled(string text) => text
        .Replace(Marks.Agent, name.Agent, StringComparison.Ordinal)
        .Replace(Marks.Code, name.Code, StringComparison.Ordinal)
        .Replace(Marks.Program, AppContext.BaseDirectory.Replace('\\', '/'), StringComparison.Ordinal);
}
