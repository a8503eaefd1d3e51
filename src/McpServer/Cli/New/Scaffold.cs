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
    public string Next => Filled(Text($"{Root}{NextName}")).TrimEnd();

    private string Root => $"new/{kind}/";

    /// <summary>Writes all files, or none.</summary>
    /// <returns>Their paths, as from the folder.</returns>
    /// <exception cref="RefusedException">One of them is there already.</exception>
    public IReadOnlyList<string> Write()
    {
        var files = Files().Select(file => (Path: Filled(file[Root.Length..]), Text: Filled(Text(file)))).ToList();
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

    private IEnumerable<string> Files() => Resources.GetManifestResourceNames().Select(resource => resource.Replace('\\', '/'))
        .Where(resource => resource.StartsWith(Root, StringComparison.Ordinal) && !resource.EndsWith(NextName, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static Assembly Resources => typeof(Scaffold).Assembly;

    private static string Text(string resource)
    {
        using var stream = Resources.GetManifestResourceNames().Where(name => name.Replace('\\', '/') == resource).Select(Resources.GetManifestResourceStream).Single()!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private string Filled(string text) => text
        .Replace(Marks.Agent, name.Agent, StringComparison.Ordinal)
        .Replace(Marks.Code, name.Code, StringComparison.Ordinal)
        .Replace(Marks.Program, AppContext.BaseDirectory.Replace('\\', '/'), StringComparison.Ordinal);
}
