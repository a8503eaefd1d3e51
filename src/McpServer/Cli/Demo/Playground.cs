using System.Globalization;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Cli.Demo;

/// <summary>
/// Something real to deploy, in a temporary folder: a git repository with a bare remote, and a folder of frontend
/// builds. What production serves is read from the remote and from the folder, never from the agent's own words.
/// </summary>
internal sealed class Playground : IDisposable
{
    public const string LiveBuild = "dpl_101";
    public const string NewBuild = "dpl_102";
    private static readonly string[] Messages = ["Add the shop", "Show prices with taxes", "Let customers pay by invoice"];
    private readonly bool _keep;

    private Playground(string folder, bool keep) => (Folder, _keep) = (folder, keep);

    public string Folder { get; }

    public string Repository => Path.Combine(Folder, "repository");

    public string Remote => Path.Combine(Folder, "remote.git");

    public string Releases => Path.Combine(Folder, "releases");

    public string Database => Path.Combine(Folder, "threads.db");

    public DemoSetup Setup => new(Folder, Database, new() { ["deploy_repo"] = Repository, ["deploy_releases"] = Releases });

    /// <summary>The build that production serves.</summary>
    public string? Serving => new DirectoryInfo(Path.Combine(Releases, "current")).LinkTarget;

    public int Switches => Path.Combine(Releases, "promotions.jsonl") is var log && File.Exists(log) ? File.ReadAllLines(log).Length : 0;

    /// <exception cref="UsageException">git is not there.</exception>
    public static async Task<Playground> Create(bool keep, CancellationToken cancellation)
    {
        var playground = new Playground(Directory.CreateTempSubdirectory("agentmcp-demo-").FullName, keep);
        try
        {
            await playground.Fill(cancellation).ConfigureAwait(false);
            return playground;
        }
        catch
        {
            playground.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="DemoGit.ProductionTags"/>
    public Task<IReadOnlyList<(string Name, string Sha)>> ProductionTags(CancellationToken cancellation) => DemoGit.ProductionTags(Folder, Remote, cancellation);

    public void Dispose()
    {
        if (!_keep)
        {
            DemoGit.Delete(Folder);
        }
    }

    private async Task Fill(CancellationToken cancellation)
    {
        await DemoGit.Init(Folder, Repository, Remote, cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(Releases);
        List<string> commits = [];
        foreach (var message in Messages)
        {
            await File.WriteAllTextAsync(Path.Combine(Repository, "shop.txt"), message + "\n", cancellation).ConfigureAwait(false);
            await Git(Repository, cancellation, "add", "shop.txt").ConfigureAwait(false);
            await Git(Repository, cancellation, "commit", "--quiet", "--no-gpg-sign", "-m", message).ConfigureAwait(false);
            commits.Add((await Git(Repository, cancellation, "rev-parse", "HEAD").ConfigureAwait(false)).Trim());
        }

        await Git(Repository, cancellation, "push", "--quiet", "origin", "main").ConfigureAwait(false);
        await Build(LiveBuild, commits[^2], Messages[^2], "ready", age: 2).ConfigureAwait(false);
        await Build(NewBuild, commits[^1], Messages[^1], "staged", age: 1).ConfigureAwait(false);
        Directory.CreateSymbolicLink(Path.Combine(Releases, "current"), LiveBuild);
    }

    private async Task Build(string name, string sha, string message, string status, int age)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Releases, name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "index.html"), $"<h1>{message}</h1>\n").ConfigureAwait(false);
        var release = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("git_commit_sha", sha);
            writer.WriteString("created_at", DateTimeOffset.UtcNow.AddHours(-age).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            writer.WriteString("author", "Ada");
            writer.WriteString("commit_message", message);
            writer.WriteString("status", status);
            writer.WriteEndObject();
        });
        await File.WriteAllTextAsync(Path.Combine(folder, "release.json"), release.Text).ConfigureAwait(false);
    }

    private Task<string> Git(string folder, CancellationToken cancellation, params string[] arguments) => DemoGit.Run(Folder, folder, cancellation, arguments);
}
