using System.Diagnostics;

namespace AgentMcp.Faults.World;

/// <summary>A clone and its bare remote, which is what counts: what was pushed there was pushed.</summary>
internal sealed class Repository
{
    private readonly string _home;
    private int _commits;

    public Repository(string home)
    {
        _home = home;
        Git(home, "init", "--quiet", "--bare", "-b", "main", "remote.git");
        // Then each push is a file of its own, and looking costs no process.
        Git(Remote, "config", "receive.autoGc", "false");
        Git(home, "init", "--quiet", "-b", "main", "clone");
        Git(Clone, "config", "user.name", "Mia");
        Git(Clone, "config", "user.email", "mia@example.com");
        Git(Clone, "remote", "add", "origin", "../remote.git");
        Commit();
    }

    private string Clone => Path.Combine(_home, "clone");

    private string Remote => Path.Combine(_home, "remote.git");

    /// <summary>Something new to deploy; its sha.</summary>
    public string Commit()
    {
        Git(Clone, "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", $"Change {++_commits}");
        Git(Clone, "push", "--quiet", "origin", "main");
        return Git(Clone, "rev-parse", "HEAD").Trim();
    }

    /// <summary>The pushes of one call.</summary>
    public int Pushed(string key) => Path.Combine(Remote, "refs", "effects", key) is var folder && Directory.Exists(folder)
        ? Directory.GetFiles(folder).Count(file => !file.EndsWith(".lock", StringComparison.Ordinal))
        : 0;

    /// <summary>Every push of the tool <c>push</c>, by the key of its call.</summary>
    public IEnumerable<string> Keys => Refs("refs/effects").Select(found => string.Join('/', found.Ref.Split('/')[2..4]));

    /// <summary>The production tags of a commit.</summary>
    public IReadOnlyList<string> Tags(string sha) => [.. Refs("refs/tags").Where(found => found.Commit == sha).Select(found => found.Ref["refs/tags/".Length..])];

    private List<(string Ref, string Commit)> Refs(string prefix) =>
        [.. Git(Remote, "for-each-ref", "--format=%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)", prefix)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(parts => (parts[0], parts[1]))];

    private static string Git(string folder, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardOutput = true })!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', arguments)} ended with {git.ExitCode}");
    }
}
