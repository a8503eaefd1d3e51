using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Tools;
using Xunit;
using static AgentMcp.Agents.Tests.Monorepo;

namespace AgentMcp.Agents.Tests;

public sealed class Deploying_the_backend_of_a_local_repository : IDisposable
{
    private const string Key = "thr_a/call_1";
    private readonly Monorepo _repo = new();

    public void Dispose() => _repo.Dispose();

    [Fact, Trait("Accepts", "R.1")]
    public async Task An_annotated_tag_is_pushed_for_exactly_the_given_commit()
    {
        var first = _repo.Commit("Add search");
        _repo.Commit("Fix login");
        Git(_repo.Clone, "tag", "--no-sign", "unrelated");

        var deployed = await _repo.Target.DeployBackend(first, Key, _repo.Clock.GetUtcNow(), Stop);

        Assert.Equal(new BackendDeploy(first, $"prod-20260201-120000-{first[..7]}", "origin", null), deployed);
        Assert.Equal($"refs/tags/{deployed.Tag} {first}", _repo.RemoteRefs);
        Assert.Equal(
            $"object {first}\ntype commit\ntag {deployed.Tag}\ntagger Deploybot <deploybot@localhost> 1769947200 +0000\n\nDeploy {first[..7]} to backend production\n\nIdempotency-Key: thr_a/call_1",
            Git(_repo.Remote, "cat-file", "tag", deployed.Tag!));
    }

    [Fact, Trait("Accepts", "R.10")]
    public async Task The_same_call_again_finds_its_tag_and_pushes_no_second_one()
    {
        var sha = _repo.Commit("Add search");
        var once = await _repo.Target.DeployBackend(sha, Key, _repo.Clock.GetUtcNow(), Stop);
        var before = _repo.RemoteRefs;
        Git(_repo.Clone, "tag", "-d", once.Tag!);
        _repo.Clock.Advance(TimeSpan.FromHours(1));

        var again = await _repo.Target.DeployBackend(sha, Key, _repo.Clock.GetUtcNow(), Stop);

        Assert.Equal(once with { Note = "It had already been pushed by this same call; nothing was pushed again." }, again);
        Assert.Equal(before, _repo.RemoteRefs);
    }

    [Fact]
    public async Task A_later_deploy_gets_a_later_tag_even_within_one_second()
    {
        var first = _repo.Commit("Add search");
        var second = _repo.Commit("Fix login");
        await _repo.Target.DeployBackend(second, Key, _repo.Clock.GetUtcNow(), Stop);
        await _repo.Target.DeployBackend(first, "thr_a/call_2", _repo.Clock.GetUtcNow(), Stop);

        Assert.Equal(first, (await _repo.Target.LiveBackend(Stop))!.Sha);
        Assert.Equal([$"prod-20260201-120001-{first[..7]}", $"prod-20260201-120000-{second[..7]}"],
            (await _repo.Target.WorkflowRuns("backend", 3, Stop)).Select(run => run.Id));
    }

    [Fact]
    public async Task What_somebody_else_pushed_is_live_and_no_ref_of_the_clone_changes()
    {
        var first = _repo.Commit("Add search");
        _repo.DeployedElsewhere("prod-20260131-100000-other", first);
        _repo.DeployedElsewhere("prod-hotfix", first);
        var before = Git(_repo.Clone, "for-each-ref");

        Assert.Equal(first, (await _repo.Target.LiveBackend(Stop))!.Sha);
        Assert.Equal([new GitTag("prod-20260131-100000-other", first, Production: true, Current: true)], await _repo.Target.Tags(20, Stop));
        Assert.Equal(before, Git(_repo.Clone, "for-each-ref"));
    }

    [Fact, Trait("Accepts", "DB.2")]
    public async Task A_commit_that_is_not_on_main_is_refused_and_nothing_is_pushed()
    {
        _repo.Commit("Add search");
        Git(_repo.Clone, "checkout", "--quiet", "-b", "experiment");
        var stray = _repo.Commit("Try something");

        var refused = await Assert.ThrowsAsync<ToolException>(() => _repo.Target.DeployBackend(stray, Key, _repo.Clock.GetUtcNow(), Stop));

        Assert.Equal($"Commit {stray[..7]} is not on the branch main, and only commits of main may be deployed. Merge it first, or choose one from list_git_commits.", refused.Message);
        Assert.Equal("", _repo.RemoteRefs);
    }

    [Fact, Trait("Accepts", "F1.4")]
    public async Task Commits_are_found_by_sha_by_its_start_by_tag_and_as_latest()
    {
        var first = _repo.Commit("Add search");
        var second = _repo.Commit("Fix login");
        Git(_repo.Clone, "tag", "--no-sign", "v1.0.0", first);

        Assert.Equal(first, (await _repo.Target.Resolve(first, Stop)).Sha);
        Assert.Equal(first, (await _repo.Target.Resolve(first[..7], Stop)).Sha);
        Assert.Equal(first, (await _repo.Target.Resolve("v1.0.0", Stop)).Sha);
        Assert.Equal(second, (await _repo.Target.Resolve("latest", Stop)).Sha);
    }

    [Theory, Trait("Accepts", "F1.4")]
    [InlineData("1234567", "There is no commit 1234567 in the repository. Call list_git_commits and use a SHA from there.")]
    [InlineData("1234567812345678123456781234567812345678", "There is no commit 1234567812345678123456781234567812345678 in the repository. Call list_git_commits and use a SHA from there.")]
    [InlineData("v9.9.9", "There is no commit v9.9.9 in the repository. Call list_git_commits and use a SHA from there.")]
    [InlineData("main", "There is no commit main in the repository. Call list_git_commits and use a SHA from there.")]
    [InlineData("HEAD~1", "\"HEAD~1\" is no name of a commit. Give a SHA (or at least 7 characters of one), a tag, or \"latest\"; list_git_commits shows them.")]
    [InlineData("--upload-pack=x", "\"--upload-pack=x\" is no name of a commit. Give a SHA (or at least 7 characters of one), a tag, or \"latest\"; list_git_commits shows them.")]
    public async Task What_names_no_commit_is_refused(string name, string why)
    {
        _repo.Commit("Add search");

        Assert.Equal(why, (await Assert.ThrowsAsync<ToolException>(() => _repo.Target.Resolve(name, Stop))).Message);
    }

    [Fact]
    public async Task A_push_the_remote_refuses_is_an_error_with_its_reason_and_leaves_nothing_behind()
    {
        var sha = _repo.Commit("Add search");
        _repo.RefusePushes("echo production is frozen >&2; exit 1");

        var refused = await Assert.ThrowsAsync<ToolException>(() => _repo.Target.DeployBackend(sha, Key, _repo.Clock.GetUtcNow(), Stop));

        Assert.Equal($"git push failed in {_repo.Clone}: [remote rejected] (pre-receive hook declined) remote: production is frozen", refused.Message);
        Assert.Equal("", _repo.RemoteRefs);
        Assert.Equal("", Git(_repo.Clone, "tag"));
    }

    [Fact, Trait("Accepts", "F8.7")]
    public async Task A_push_that_never_ends_is_cut_off_and_in_doubt()
    {
        var sha = _repo.Commit("Add search");
        var gate = Path.Combine(_repo.Remote, "gate");
        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", gate);
        await mkfifo.WaitForExitAsync(Stop);
        _repo.RefusePushes($"echo begun > '{gate}'; exec sleep 600");

        var deploy = _repo.Target.DeployBackend(sha, Key, _repo.Clock.GetUtcNow(), Stop);
        Assert.Equal("begun", (await File.ReadAllTextAsync(gate, Stop)).Trim());
        _repo.Clock.Advance(TimeSpan.FromSeconds(41));

        var doubt = await Assert.ThrowsAsync<OutcomeUnknownException>(() => deploy);
        Assert.Equal(
            $"It is not known whether tag prod-20260201-120000-{sha[..7]} reached origin: git push did not finish within 40 seconds in {_repo.Clone}.", doubt.Message);
    }

    [Fact]
    public async Task Without_git_the_error_says_to_install_it()
    {
        var target = new LocalTarget(new LocalSettings(_repo.Clone, Git: "no-such-git"), _repo.Clock);

        var error = await Assert.ThrowsAsync<ToolException>(() => target.Commits(3, Stop));
        Assert.Equal("The git program was not found. Install git, and make sure it is on the PATH of the server.", error.Message);
    }

    [Fact]
    public async Task A_folder_that_is_no_repository_is_named()
    {
        var target = new LocalTarget(new LocalSettings(_repo.Releases), _repo.Clock);

        var error = await Assert.ThrowsAsync<ToolException>(() => target.Commits(3, Stop));
        Assert.StartsWith($"git log failed in {_repo.Releases}: fatal: not a git repository", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commits_keep_their_text_and_their_links_never_hold_credentials()
    {
        var sha = _repo.Commit("Grüße \"quoted\"\n\nSecond paragraph", "Åsa");
        Git(_repo.Clone, "remote", "set-url", "origin", "https://bot:s3cret@git.example/team/app.git");

        var commit = Assert.Single(await _repo.Target.Commits(5, Stop));

        Assert.Equal(
            ("Åsa", new DateTimeOffset(2026, 1, 31, 10, 0, 0, TimeSpan.Zero), "Grüße \"quoted\"\n\nSecond paragraph", $"https://git.example/team/app/commit/{sha}"),
            (commit.Author, commit.Date, commit.Message, commit.Url));
        Assert.Equal($"`{sha[..7]}` Grüße \"quoted\" (Åsa, 2026-01-31 10:00 UTC) [commit](https://git.example/team/app/commit/{sha})", commit.Markdown);
    }
}
