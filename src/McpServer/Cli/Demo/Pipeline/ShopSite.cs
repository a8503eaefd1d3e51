using System.Text.Json;

namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary>
/// The little shop that the pipeline deploys, as one environment serves it: pages from the build that its link leads
/// to, the rest from the commit its backend runs. Both are looked up at every request, so a deploy shows at once.
/// </summary>
/// <param name="home">The demo's folder.</param>
/// <param name="link"><c>current</c> in production, <c>staging</c> there.</param>
internal sealed class ShopSite(string home, string remote, string releases, string link)
{
    public const string Production = "current";
    public const string Staging = "staging";

    private string Environment => link == Production ? "production" : Staging;

    /// <summary>What is served at a path; null for nothing.</summary>
    public async Task<(string Type, string Body)?> Find(string path, CancellationToken cancellation) => path switch
    {
        "/health" => ("text/plain", "healthy"),
        "/version" => ("application/json", $$"""{"environment":"{{Environment}}","backend":"{{await Backend(cancellation).ConfigureAwait(false)}}","frontend":"{{Frontend}}"}"""),
        "/api/prices" => await OfBackend("api/prices.json", cancellation).ConfigureAwait(false) is { } prices ? ("application/json", prices) : null,
        // What differs between the environments, and so what tests of staging cannot see of production.
        "/api/settings" => await OfBackend($"config/{Environment}.json", cancellation).ConfigureAwait(false) is { } settings ? ("application/json", settings) : null,
        _ => Page(path == "/" ? "index.html" : path[1..]) is { } page ? ("text/html; charset=utf-8", page) : null,
    };

    private string Build => Path.Combine(releases, link);

    private string? Frontend => Path.Combine(Build, "release.json") is var file && File.Exists(file)
        ? JsonElement.Parse(File.ReadAllText(file)).GetProperty("git_commit_sha").GetString()
        : null;

    private async Task<string?> Backend(CancellationToken cancellation) => link == Staging
        ? Frontend
        : await DemoGit.ProductionTags(home, remote, cancellation).ConfigureAwait(false) is [.., var (_, sha)] ? sha : null;

    private async Task<string?> OfBackend(string file, CancellationToken cancellation) =>
        await Backend(cancellation).ConfigureAwait(false) is { } sha
        && await DemoGit.Run(home, remote, cancellation, "ls-tree", "--name-only", sha, file).ConfigureAwait(false) is { Length: > 0 }
            ? await DemoGit.Run(home, remote, cancellation, "show", $"{sha}:{file}").ConfigureAwait(false)
            : null;

    private string? Page(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') && name != "release.json" && Path.Combine(Build, name) is var file && File.Exists(file)
            ? File.ReadAllText(file)
            : null;
}
