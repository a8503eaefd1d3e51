using AgentMcp.Agents.Tools;
using Xunit;
using static AgentMcp.Agents.Tests.Monorepo;

namespace AgentMcp.Agents.Tests;

public sealed class Promoting_a_local_release : IDisposable
{
    private const string Key = "thr_a/call_1";
    private readonly Monorepo _repo = new();

    public Promoting_a_local_release()
    {
        _repo.Release("dpl_0", "51e07dd");
        _repo.Release("dpl_1", "9f2c1ab", minute: 1);
        _repo.Release("dpl_2", "aaaaaaa", status: "building", minute: 2);
        _repo.Serve("dpl_0");
    }

    public void Dispose() => _repo.Dispose();

    [Fact]
    public async Task The_link_is_switched_and_the_switch_is_noted()
    {
        var promoted = await _repo.Target.Promote("dpl_1", Key, Stop);

        Assert.Equal(("dpl_1", "9f2c1ab", "https://web.example/dpl_1", null), (promoted.DeploymentId, promoted.GitCommitSha, promoted.Url, promoted.Note));
        Assert.Equal("dpl_1", _repo.Served);
        Assert.True(File.Exists(Path.Combine(_repo.Releases, "current", "release.json")));
        Assert.Equal(
            """{"deployment_id":"dpl_1","git_commit_sha":"9f2c1ab","replaced":"dpl_0","at":"2026-02-01T12:00:00+00:00","key":"thr_a/call_1"}""" + "\n",
            await File.ReadAllTextAsync(Path.Combine(_repo.Releases, "promotions.jsonl"), Stop));
        Assert.Equal(["dpl_1"], (await _repo.Target.WorkflowRuns("frontend", 3, Stop)).Select(run => run.Id));
    }

    [Fact]
    public async Task The_first_promotion_needs_no_earlier_one()
    {
        File.Delete(Path.Combine(_repo.Releases, "current"));

        await _repo.Target.Promote("dpl_1", Key, Stop);

        Assert.Equal("dpl_1", _repo.Served);
    }

    [Fact]
    public async Task Promoting_what_is_served_switches_nothing_and_says_so()
    {
        var promoted = await _repo.Target.Promote("dpl_0", Key, Stop);

        Assert.Equal("Production already served it; nothing was switched.", promoted.Note);
        Assert.False(File.Exists(Path.Combine(_repo.Releases, "promotions.jsonl")));
    }

    [Theory, Trait("Accepts", "DB.2")]
    [InlineData("dpl_2", "Deployment dpl_2 is building, and only a ready or staged one may be promoted. Choose another from list_vercel_deployments, or wait until its build is done.")]
    [InlineData("../etc", "There is no production deployment \"../etc\". The newest are dpl_2, dpl_1, dpl_0; list_vercel_deployments shows them.")]
    public async Task What_may_not_be_promoted_is_refused_and_the_link_stays(string id, string why)
    {
        var refused = await Assert.ThrowsAsync<ToolException>(() => _repo.Target.Promote(id, Key, Stop));

        Assert.Equal((why, "dpl_0"), (refused.Message, _repo.Served));
    }

    [Fact]
    public async Task A_broken_release_is_named_and_keeps_nobody_from_the_others()
    {
        var file = Path.Combine(_repo.Releases, "dpl_1", "release.json");
        await File.WriteAllTextAsync(file, """{"git_commit_sha":"9f2c1ab"}""", Stop);

        var listed = await _repo.Target.Deployments(Stop);
        Assert.Equal(["dpl_0", "dpl_1", "dpl_2"], listed.Select(one => one.DeploymentId).Order(StringComparer.Ordinal));
        var broken = listed.Single(one => one.DeploymentId == "dpl_1");
        Assert.Equal(("unreadable", false, $"{file} is not a release: it needs git_commit_sha, created_at, author, commit_message and status."), (broken.Status, broken.MayBePromoted, broken.CommitMessage));
        Assert.Equal("dpl_0", listed.Single(one => one.Current).DeploymentId);
    }
}
