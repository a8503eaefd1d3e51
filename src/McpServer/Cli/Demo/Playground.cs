using System.ComponentModel;
using System.Diagnostics;
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

    /// <summary>The production tags on the remote with the commits they point at.</summary>
    public async Task<IReadOnlyList<(string Name, string Sha)>> ProductionTags(CancellationToken cancellation) =>
        [.. (await Git(Remote, cancellation, "for-each-ref", "--format=%(refname:strip=2) %(*objectname)%(objectname)", "refs/tags/prod-*").ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(parts => (parts[0], parts[1][..40]))];

    public void Dispose()
    {
        if (_keep)
        {
            return;
        }

        // git writes its objects read-only, which Windows does not delete.
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Where(file => File.GetAttributes(file).HasFlag(FileAttributes.ReadOnly)))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }

        Directory.Delete(Folder, recursive: true);
    }

    private async Task Fill(CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "gitconfig"), "", cancellation).ConfigureAwait(false);
        foreach (var folder in (string[])[Repository, Remote, Releases])
        {
            Directory.CreateDirectory(folder);
        }

        await Git(Remote, cancellation, "init", "--quiet", "--bare").ConfigureAwait(false);
        await Git(Repository, cancellation, "init", "--quiet").ConfigureAwait(false);
        // As old versions of git know it, which have no option for the first branch.
        await Git(Remote, cancellation, "symbolic-ref", "HEAD", "refs/heads/main").ConfigureAwait(false);
        await Git(Repository, cancellation, "symbolic-ref", "HEAD", "refs/heads/main").ConfigureAwait(false);
        List<string> commits = [];
        foreach (var message in Messages)
        {
            await File.WriteAllTextAsync(Path.Combine(Repository, "shop.txt"), message + "\n", cancellation).ConfigureAwait(false);
            await Git(Repository, cancellation, "add", "shop.txt").ConfigureAwait(false);
            await Git(Repository, cancellation, "commit", "--quiet", "--no-gpg-sign", "-m", message).ConfigureAwait(false);
            commits.Add((await Git(Repository, cancellation, "rev-parse", "HEAD").ConfigureAwait(false)).Trim());
        }

        await Git(Repository, cancellation, "remote", "add", "origin", Remote).ConfigureAwait(false);
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

    private async Task<string> Git(string folder, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment(Folder))
        {
            start.Environment[name] = value;
        }

        try
        {
            using var git = Process.Start(start)!;
            var error = git.StandardError.ReadToEndAsync(cancellation);
            var output = await git.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await git.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return git.ExitCode == 0 ? output : throw new IOException($"git {arguments[0]} failed: {(await error.ConfigureAwait(false)).Trim()}");
        }
        catch (Win32Exception e)
        {
            throw new UsageException($"The demo needs the git program, and it was not found ({e.Message}). Install git and put it on the PATH.");
        }
    }

    /// <summary>git as if nobody had ever set it up: neither the user's settings nor a hook's surroundings play a part.</summary>
    public static IEnumerable<(string Name, string? Value)> Environment(string folder) =>
    [
        ("GIT_CONFIG_GLOBAL", Path.Combine(folder, "gitconfig")), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com"), ("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ("GIT_DIR", null), ("GIT_WORK_TREE", null), ("GIT_INDEX_FILE", null), ("GIT_OBJECT_DIRECTORY", null), ("GIT_COMMON_DIR", null), ("GIT_NAMESPACE", null),
    ];
}
