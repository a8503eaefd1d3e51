namespace AgentMcp.Agents.Files;

/// <summary>
/// The files of a folder that may be agents: <c>*.agent.md</c>, and other <c>*.md</c> with the front matter of a Claude
/// Code subagent. Of a folder <c>.claude/agents</c> those below count too, as they do there.
/// </summary>
internal static class FolderFiles
{
    public const string Ending = ".agent.md";

    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static IReadOnlyList<string> In(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.md", new EnumerationOptions { RecurseSubdirectories = IsClaudes(folder), IgnoreInaccessible = false })
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether the text is meant as an agent. A page of prose beside the agents is not.</summary>
    public static bool IsAgent(string path, string text) => path.EndsWith(Ending, StringComparison.Ordinal) || ClaudeFile.Is(text);

    private static bool IsClaudes(string folder) => Path.GetFullPath(folder).TrimEnd('/', '\\').Split('/', '\\') is [.., ".claude", "agents"];
}
