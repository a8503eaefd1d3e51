using System.ComponentModel;
using System.Diagnostics;

namespace AgentMcp.Server.Cli.Demo;

/// <summary>git for the demos, in a folder of theirs, as if nobody had ever set it up.</summary>
internal static class DemoGit
{
    /// <summary>Neither the user's settings nor a hook's surroundings play a part.</summary>
    public static IEnumerable<(string Name, string? Value)> Environment(string home) =>
    [
        ("GIT_CONFIG_GLOBAL", Path.Combine(home, "gitconfig")), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com"), ("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ("GIT_DIR", null), ("GIT_WORK_TREE", null), ("GIT_INDEX_FILE", null), ("GIT_OBJECT_DIRECTORY", null), ("GIT_COMMON_DIR", null), ("GIT_NAMESPACE", null),
    ];

    /// <summary>A repository and the bare remote it pushes to, both empty.</summary>
    public static async Task Init(string home, string repository, string remote, CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(Path.Combine(home, "gitconfig"), "", cancellation).ConfigureAwait(false);
        await Run(home, Directory.CreateDirectory(remote).FullName, cancellation, "init", "--quiet", "--bare").ConfigureAwait(false);
        await Run(home, Directory.CreateDirectory(repository).FullName, cancellation, "init", "--quiet").ConfigureAwait(false);
        // As old versions of git know it, which have no option for the first branch.
        await Run(home, remote, cancellation, "symbolic-ref", "HEAD", "refs/heads/main").ConfigureAwait(false);
        await Run(home, repository, cancellation, "symbolic-ref", "HEAD", "refs/heads/main").ConfigureAwait(false);
        await Run(home, repository, cancellation, "remote", "add", "origin", remote).ConfigureAwait(false);
    }

    /// <summary>The production tags on the remote with the commits they point at, oldest first.</summary>
    public static async Task<IReadOnlyList<(string Name, string Sha)>> ProductionTags(string home, string remote, CancellationToken cancellation) =>
        [.. (await Run(home, remote, cancellation, "for-each-ref", "--format=%(refname:strip=2) %(*objectname)%(objectname)", "refs/tags/prod-*").ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(parts => (parts[0], parts[1][..40]))];

    /// <exception cref="UsageException">git is not there.</exception>
    /// <exception cref="IOException">git failed.</exception>
    public static async Task<string> Run(string home, string folder, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment(home))
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

    public static void Delete(string folder)
    {
        // git writes its objects read-only, which Windows does not delete.
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => File.GetAttributes(file).HasFlag(FileAttributes.ReadOnly)))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }

        Directory.Delete(folder, recursive: true);
    }
}
