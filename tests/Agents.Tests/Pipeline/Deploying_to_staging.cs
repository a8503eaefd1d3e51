using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Tools;
using static AgentMcp.Agents.Tests.Monorepo;

namespace AgentMcp.Agents.Tests.Pipeline;

public sealed class Deploying_to_staging : IDisposable
{
    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    [Trait("Accepts", "D.1")]
    public async Task Staging_serves_a_build_of_just_that_commit_and_it_may_not_be_promoted_before_it_is_tested()
    {
        var first = _shop.Merge("Add search");
        _shop.Merge("Newer");

        var id = await _shop.World.DeployToStaging(await _shop.World.Resolve(first, Stop), "thr/call_2", Stop);

        Assert.Equal(($"dpl_{first[..7]}", id, "testing"), (id, _shop.Link("staging"), _shop.StatusOf(id)));
        Assert.Equal("<h1>Add search</h1>", File.ReadAllText(Path.Combine(_shop.Repo.Releases, id, "index.html")));
        Assert.False(File.Exists(Path.Combine(_shop.Repo.Releases, id, "checks.json")), "only the frontend's folder is in the build");
        Assert.False((await _shop.Repo.Target.Deployments(Stop)).Single().MayBePromoted);
        Assert.Null(_shop.Link("current"));

        await _shop.World.Mark(first, passed: true, Stop);
        Assert.True((await _shop.Repo.Target.Deployments(Stop)).Single().MayBePromoted);
    }

    [Fact]
    public async Task A_build_that_may_be_promoted_stays_so_when_staging_fails_later_and_so_can_be_gone_back_to()
    {
        var (first, second, ready) = (_shop.Merge("Add search"), _shop.Merge("Newer"), _shop.Merge("Built elsewhere"));
        _shop.Repo.Release($"dpl_{ready[..7]}", ready);
        foreach (var sha in new[] { first, second, ready })
        {
            await _shop.World.DeployToStaging(await _shop.World.Resolve(sha, Stop), $"thr/{sha}", Stop);
        }

        await _shop.World.Mark(first, passed: true, Stop);
        foreach (var sha in new[] { first, second, ready })
        {
            await _shop.World.Mark(sha, passed: false, Stop);
        }

        Assert.Equal(["staged", "failed", "ready"], new[] { first, second, ready }.Select(sha => _shop.StatusOf($"dpl_{sha[..7]}")));
        // One that failed and passes later may.
        await _shop.World.Mark(second, passed: true, Stop);
        Assert.Equal("staged", _shop.StatusOf($"dpl_{second[..7]}"));
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task Doing_it_again_changes_nothing_and_what_a_crash_left_is_in_nobodys_way()
    {
        var sha = _shop.Merge("Add search");
        var commit = await _shop.World.Resolve(sha, Stop);
        var half = Path.Combine(_shop.Repo.Releases, ".building", "thr-call_2", $"dpl_{sha[..7]}");
        Directory.CreateDirectory(half);
        await File.WriteAllTextAsync(Path.Combine(half, "index.html"), "half a pa", Stop);

        var id = await _shop.World.DeployToStaging(commit, "thr/call_2", Stop);
        await _shop.World.Mark(sha, passed: true, Stop);
        var before = Snapshot();
        _shop.Repo.Clock.Advance(TimeSpan.FromHours(1));
        await _shop.World.DeployToStaging(commit, "thr/call_2", Stop);
        await _shop.World.DeployToStaging(commit, "thr/call_9", Stop);

        Assert.Equal(before, Snapshot());
        Assert.Equal([id], (await _shop.Repo.Target.Deployments(Stop)).Select(build => build.DeploymentId));
    }

    [Fact]
    public async Task What_is_missing_is_said_before_anything_is_done()
    {
        _shop.Merge("Add search");
        var http = new Lazy<HttpClient>();

        var unset = await Assert.ThrowsAsync<ToolException>(() => new Microagents.Pipeline.PipelineWorld(
            new(null, null), new(_shop.Repo.Clone, _shop.Repo.Releases), _shop.Repo.Target, http, _shop.Repo.Clock).Resolve("latest", Stop));
        var nowhere = await Assert.ThrowsAsync<ToolException>(() => new Microagents.Pipeline.PipelineWorld(
            _shop.Settings, new LocalSettings(_shop.Repo.Clone), _shop.Repo.Target, http, _shop.Repo.Clock).Resolve("latest", Stop));

        Assert.Equal("The pipeline is not set up: it needs AGENTMCP_PIPELINE_STAGING_URL and AGENTMCP_PIPELINE_PRODUCTION_URL. Set them and restart the server.", unset.Message);
        Assert.Equal("The pipeline is not set up: it needs AGENTMCP_DEPLOY_RELEASES. Set them and restart the server.", nowhere.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_shop.Repo.Releases));
    }

    private string Snapshot() => string.Join("\n", Directory.EnumerateFiles(_shop.Repo.Releases, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(file => $"{file} {File.ReadAllText(file)}").Append(_shop.Link("staging")!));
}
