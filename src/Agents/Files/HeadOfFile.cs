using System.Text.RegularExpressions;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>
/// What others must know of a file before any file can be read as a whole, since agents name each other: who it is, how
/// it is called, and whom it names. Nothing of these names has been looked at.
/// </summary>
/// <param name="Folder">The folder of agents it was found in, which can be above its own.</param>
/// <param name="NamesLine">Where the names stand.</param>
internal sealed partial record HeadOfFile(string Path, string Folder, string Text, Tool Tool, IReadOnlyList<string> Names, int NamesLine)
{
    public string Name => Tool.Name;

    public bool IsClaude => !Path.EndsWith(FolderFiles.Ending, StringComparison.Ordinal);

    /// <summary>Who it says it is, however much else is wrong with it.</summary>
    public static string NameIn(string text) => NameField().Match(text).Groups["name"].Value;

    /// <exception cref="AgentFileException">Already this much cannot be used.</exception>
    public static HeadOfFile Read(string path, string folder, string text)
    {
        if (!path.EndsWith(FolderFiles.Ending, StringComparison.Ordinal))
        {
            var claude = ClaudeFile.Parse(path, text);
            return new(path, folder, text, AgentAsTool.Of(claude.Name, claude.Description, Microagent.MessageSchema), claude.Agents, claude.LineOf("tools"));
        }

        var (tool, names, line) = AgentFile.Head(path, text);
        return new(path, folder, text, tool, names, line);
    }

    /// <summary>The agents over which a file would come to call itself, ending with itself; null when it would not.</summary>
    public List<string>? Circle(IReadOnlyList<HeadOfFile> files, Func<string, bool> isOtherTool)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Walk(this, []);

        List<string>? Walk(HeadOfFile at, List<string> path) => at.Names.Where(name => !isOtherTool(name))
            .Select(name => name == Name ? [.. path, name]
                : seen.Add(name) && files.FirstOrDefault(file => file.Name == name) is { } next ? Walk(next, [.. path, name]) : null)
            .FirstOrDefault(circle => circle is not null);
    }

    [GeneratedRegex(@"^name:\s*[""']?(?<name>[A-Za-z0-9_-]+)", RegexOptions.Multiline)]
    private static partial Regex NameField();
}
