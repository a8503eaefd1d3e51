using System.Globalization;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary>
/// The shop's world in one folder: a repository with a bare remote, its builds, and two services. The first commit is
/// in production when the demo begins. What production serves is asked over HTTP and never taken from an agent's words.
/// </summary>
internal sealed class ShopGround
{
    public const string First = "Open the shop";
    public const string Good = "Show prices with taxes";
    public const string Bad = "Take the tax from the settings";

    private ShopGround(string folder) => Folder = folder;

    public string Folder { get; }

    public string Repository => Path.Combine(Folder, "repository");

    public string Remote => Path.Combine(Folder, "remote.git");

    public string Releases => Path.Combine(Folder, "releases");

    public string Database => Path.Combine(Folder, "threads.db");

    /// <summary>How often a link was switched in production.</summary>
    public int Switches => Path.Combine(Releases, "promotions.jsonl") is var log && File.Exists(log) ? File.ReadAllLines(log).Length : 0;

    public static ShopGround At(string folder) => new(folder);

    public DemoSetup Setup(ShopService staging, ShopService production) => new(Folder, Database, new()
    {
        ["deploy_repo"] = Repository,
        ["deploy_releases"] = Releases,
        ["pipeline_staging_url"] = staging.Address.ToString(),
        ["pipeline_production_url"] = production.Address.ToString(),
        ["pipeline_frontend"] = "web",
    });

    public async Task Open(CancellationToken cancellation)
    {
        await DemoGit.Init(Folder, Repository, Remote, cancellation).ConfigureAwait(false);
        var sha = await Merge(First, cancellation).ConfigureAwait(false);
        // As an earlier run of the pipeline left it.
        var build = $"dpl_{sha[..7]}";
        var folder = Directory.CreateDirectory(Path.Combine(Releases, build)).FullName;
        File.Copy(Path.Combine(Repository, "web", "index.html"), Path.Combine(folder, "index.html"));
        await File.WriteAllTextAsync(Path.Combine(folder, "release.json"), JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("git_commit_sha", sha);
            writer.WriteString("created_at", DateTimeOffset.UtcNow.AddDays(-1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            writer.WriteString("author", "Ada");
            writer.WriteString("commit_message", First);
            writer.WriteString("status", "staged");
            writer.WriteEndObject();
        }).Text, cancellation).ConfigureAwait(false);
        Directory.CreateSymbolicLink(Path.Combine(Releases, ShopSite.Production), build);
        var tag = $"prod-{DateTimeOffset.UtcNow.AddDays(-1).ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{sha[..7]}";
        await Git(cancellation, "tag", "--no-sign", "-a", "-m", "deployed yesterday", tag, sha).ConfigureAwait(false);
        await Git(cancellation, "push", "--quiet", "origin", tag).ConfigureAwait(false);
    }

    /// <summary>Commits to the main branch and pushes it, as a merge would. Returns the commit.</summary>
    public async Task<string> Merge(string message, CancellationToken cancellation)
    {
        foreach (var (file, text) in Files(message))
        {
            var path = Path.Combine(Repository, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text, cancellation).ConfigureAwait(false);
        }

        await Git(cancellation, "add", "--all").ConfigureAwait(false);
        await Git(cancellation, "commit", "--quiet", "--no-gpg-sign", "-m", message).ConfigureAwait(false);
        await Git(cancellation, "push", "--quiet", "origin", "main").ConfigureAwait(false);
        return (await Git(cancellation, "rev-parse", "HEAD").ConfigureAwait(false)).Trim();
    }

    public Task<IReadOnlyList<(string Name, string Sha)>> ProductionTags(CancellationToken cancellation) => DemoGit.ProductionTags(Folder, Remote, cancellation);

    /// <summary>What a commit changes. The bad one is right in staging, and its settings of production were forgotten.</summary>
    private static IEnumerable<(string File, string Text)> Files(string message)
    {
        yield return ("web/index.html", $"<h1>The shop</h1>\n<p>{message}</p>\n");
        var settings = message == Bad ? "{\"currency\":\"EUR\",\"tax\":0.19}\n" : "{\"currency\":\"EUR\"}\n";
        yield return ("config/staging.json", settings);
        yield return ("config/production.json", "{\"currency\":\"EUR\"}\n");
        yield return ("api/prices.json", message == First ? "{\"tea\":4.00}\n" : "{\"tea\":4.76}\n");
        yield return ("checks.json", $$"""
            [
              {"path": "/health"},
              {"path": "/", "contains": "{{message}}"},
              {"path": "/version", "contains": "\"backend\":\"{backend}\",\"frontend\":\"{frontend}\""},
              {"path": "/api/prices", "contains": "tea"},
              {"path": "/api/settings", "contains": "{{(message == Bad ? "tax" : "currency")}}"}
            ]

            """);
    }

    private Task<string> Git(CancellationToken cancellation, params string[] arguments) => DemoGit.Run(Folder, Repository, cancellation, arguments);
}
