using System.Diagnostics;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AgentMcp.Agents.Tests;

/// <summary>A real repository with a bare remote and a folder of releases. Names and dates are fixed, so SHAs are too.</summary>
public sealed class Monorepo : IDisposable
{
    private int _minute;

    public Monorepo()
    {
        Git(Home, "init", "--quiet", "--bare", "-b", "main", Remote);
        Git(Home, "init", "--quiet", "-b", "main", Clone);
        Git(Clone, "remote", "add", "origin", Remote);
        Directory.CreateDirectory(Releases);
    }

    public string Home { get; } = Directory.CreateTempSubdirectory("deploybot-").FullName;

    public string Clone => Path.Combine(Home, "clone");

    public string Remote => Path.Combine(Home, "remote.git");

    public string Releases => Path.Combine(Home, "releases");

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero));

    public LocalTarget Target => new(new LocalSettings(Clone, Releases), Clock);

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public string Commit(string message, string author = "Mia")
    {
        var date = $"2026-01-31T10:{_minute++:00}:00+00:00";
        File.WriteAllText(Path.Combine(Clone, "app.txt"), message);
        Git(Clone, "add", "app.txt");
        Run(Clone, [("GIT_AUTHOR_DATE", date), ("GIT_COMMITTER_DATE", date)], "-c", $"user.name={author}", "-c", "user.email=dev@example.com", "commit", "--quiet", "--no-gpg-sign", "-m", message);
        return Git(Clone, "rev-parse", "HEAD");
    }

    /// <summary>A production tag as another clone would push it.</summary>
    public void DeployedElsewhere(string tag, string sha)
    {
        Git(Clone, "push", "--quiet", "origin", "main");
        var other = Path.Combine(Home, "other-" + tag);
        Git(Home, "clone", "--quiet", Remote, other);
        Git(other, "-c", "user.name=Ravi", "-c", "user.email=ravi@example.com", "tag", "--no-sign", "-a", "-m", "by hand", tag, sha);
        Git(other, "push", "--quiet", "origin", tag);
    }

    public void Release(string id, string sha, string status = "ready", int minute = 0, string author = "Mia", string message = "Build")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Releases, id)).FullName;
        File.WriteAllText(Path.Combine(folder, "release.json"),
            $$"""{"git_commit_sha":"{{sha}}","created_at":"2026-01-31T11:{{minute:00}}:00Z","author":"{{author}}","commit_message":"{{message}}","status":"{{status}}","url":"https://web.example/{{id}}"}""");
    }

    public void Serve(string id) => File.CreateSymbolicLink(Path.Combine(Releases, "current"), id);

    public string? Served => new DirectoryInfo(Path.Combine(Releases, "current")).LinkTarget;

    /// <summary>Every ref of the remote and what it leads to, tags by their commit.</summary>
    public string RemoteRefs => Git(Remote, "for-each-ref", "--format=%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)");

    public void RefusePushes(string script)
    {
        var hook = Path.Combine(Remote, "hooks", "pre-receive");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.WriteAllText(hook, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public Tool Tool(string name) => Microagents.Deploybot.Deploybot.Tools(Target).Single(tool => tool.Name == name);

    public Task<Preview> Preview(string tool, JsonText arguments) => Tool(tool).Preview!(CallOf(arguments), Stop);

    public Task<Preview> Preview(string tool, string arguments) => Preview(tool, JsonText.Parse(arguments));

    public async Task<string> Run(string tool, JsonText arguments, int call = 2) =>
        ((ToolOutcome.Returned)await Tool(tool).Run(CallOf(arguments, call), Stop)).Result.Text;

    public Task<string> Run(string tool, string arguments) => Run(tool, JsonText.Parse(arguments));

    public static ToolCall CallOf(JsonText arguments, int call = 2)
    {
        var thread = ThreadId.Parse("thr_019400000000700080000000000000ab");
        return new(thread, new CallId(call), new CallId(call).IdempotencyKey(thread), arguments, 1, new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero));
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);

    public static string Git(string folder, params string[] arguments) => Run(folder, [], arguments);

    private static string Run(string folder, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        var error = git.StandardError.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException(error);
    }
}
