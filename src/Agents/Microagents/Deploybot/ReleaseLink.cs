namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>The link in a folder of releases that says which of them is served somewhere.</summary>
internal sealed class ReleaseLink(string folder, string name)
{
    private const string Scratch = ".switch";

    private string Link => Path.Combine(folder, name);

    /// <summary>The release it leads to; null when there is no such link yet.</summary>
    public string? Target => new DirectoryInfo(Link).LinkTarget is { } target ? Path.GetFileName(Path.TrimEndingDirectorySeparator(target)) : null;

    /// <summary>
    /// A rename over the link is atomic: a reader sees the old build or the new one. The new link lies in a folder of
    /// its own until then, where its relative target leads nowhere: File.Move refuses a link that leads to a folder.
    /// </summary>
    public void Switch(string release, string key)
    {
        if (Directory.Exists(Link) && new DirectoryInfo(Link).LinkTarget is null)
        {
            throw new IOException($"{Link} is a folder and not a link.");
        }

        var scratch = Directory.CreateDirectory(Path.Combine(folder, Scratch)).FullName;
        var next = Path.Combine(scratch, key.Replace('/', '-') + ".link");
        File.Delete(next);
        File.CreateSymbolicLink(next, release);
        File.Move(next, Link, overwrite: true);
    }
}
