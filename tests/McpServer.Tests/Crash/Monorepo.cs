using System.Diagnostics;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>
/// The outside world of one deployment: a clone, its bare remote, a folder of releases. Built once by git and copied
/// for each test; names and dates are fixed, so SHAs are too.
/// </summary>
internal sealed class Monorepo
{
    private static readonly Lazy<string> Template = new(Build);
    private readonly string _home;

    public Monorepo(string folder)
    {
        _home = Path.Combine(folder, "world");
        Run("cp", folder, "-a", Template.Value, _home);
    }

    public string Clone => Path.Combine(_home, "clone");

    public string Remote => Path.Combine(_home, "remote.git");

    public string Releases => Path.Combine(_home, "releases");

    public string Head => Git(Clone, "rev-parse", "main");

    /// <summary>The release that production serves.</summary>
    public string? Served => new DirectoryInfo(Path.Combine(Releases, "current")).LinkTarget;

    /// <summary>Production tags on the remote.</summary>
    public IReadOnlyList<string> Tags => Lines(Git(Remote, "for-each-ref", "--format=%(refname:strip=2)", "refs/tags"));

    /// <summary>Everything a deployment changes, with the time taken out of the names of tags.</summary>
    public string Outside => Story.Timeless($"""
        remote: {Git(Remote, "for-each-ref", "--format=%(refname:strip=1) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)")}
        clone: {Git(Clone, "for-each-ref", "--format=%(refname:strip=1)")}
        current: {Served}
        switched: {Switches}
        """);

    private int Switches => File.Exists(Path.Combine(Releases, "promotions.jsonl")) ? File.ReadAllLines(Path.Combine(Releases, "promotions.jsonl")).Length : 0;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["deploy_repo"] = Clone,
        ["deploy_releases"] = Releases,
        ["wait"] = "60",
    };

    /// <summary>Stops the first push at the remote: <c>pre-receive</c> before it is taken, <c>post-receive</c> after it was.</summary>
    public void StopFirstPush(string hook, Gate gate)
    {
        var path = Path.Combine(Remote, "hooks", hook);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\nif mkdir \"$0.once\" 2> /dev/null; then {gate.Script}; fi\n");
        Run("chmod", "/", "755", path);
    }

    private static string Build()
    {
        var home = Directory.CreateTempSubdirectory("agentmcp-monorepo-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(home, recursive: true);
        var clone = Path.Combine(home, "clone");
        Git(home, "init", "--quiet", "--bare", "-b", "main", "remote.git");
        Git(home, "init", "--quiet", "-b", "main", "clone");
        Git(clone, "remote", "add", "origin", "../remote.git");
        var first = Commit(clone, "Add search", 0);
        var second = Commit(clone, "Fix login", 1);
        Git(clone, "push", "--quiet", "origin", "main");
        Release(home, "dpl_0", first, 0);
        Release(home, "dpl_1", second, 1);
        File.CreateSymbolicLink(Path.Combine(home, "releases", "current"), "dpl_0");
        return home;
    }

    private static string Commit(string clone, string message, int minute)
    {
        var date = $"2026-01-31T10:0{minute}:00+00:00";
        Run("env", clone, $"GIT_AUTHOR_DATE={date}", $"GIT_COMMITTER_DATE={date}",
            "git", "-c", "user.name=Mia", "-c", "user.email=mia@example.com", "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", message);
        return Git(clone, "rev-parse", "HEAD");
    }

    private static void Release(string home, string id, string sha, int minute) => File.WriteAllText(
        Path.Combine(Directory.CreateDirectory(Path.Combine(home, "releases", id)).FullName, "release.json"),
        $$"""{"git_commit_sha":"{{sha}}","created_at":"2026-01-31T11:0{{minute}}:00Z","author":"Mia","commit_message":"Build","status":"ready","url":"https://web.example/{{id}}"}""");

    private static string Git(string folder, params string[] arguments) => Run("git", folder, arguments);

    private static string Run(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException(error.Result);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
