using System.Globalization;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>Commits and tags of a local repository. What is live is read from the remote, because others deploy too.</summary>
internal sealed class LocalBackend(LocalSettings settings, Git git)
{
    // NUL cannot occur in a commit message, so a message cannot forge a second commit.
    private const string CommitFormat = "--format=%H%x00%an%x00%cI%x00%B";
    private const string TagFormat = "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:iso-strict)%00%(contents:subject)";

    private readonly ProductionTags _production = new(git, settings.Remote);

    private string Branch => $"refs/heads/{settings.Branch}";

    public Task<IReadOnlyList<Commit>> Commits(int limit, CancellationToken cancellation) =>
        Log(cancellation, $"--max-count={limit}", Branch);

    public async Task<IReadOnlyList<GitTag>> Tags(int limit, CancellationToken cancellation)
    {
        var live = ProductionTags.Newest(await _production.Pushed(cancellation).ConfigureAwait(false));
        var known = await LocalTags(cancellation).ConfigureAwait(false);
        if (live is not null && known.All(tag => tag.Name != live.Name))
        {
            known.Insert(0, new(live.Name, live.Commit, Production: true, Current: true));
        }

        return [.. known.Take(limit).Select(tag => tag with { Current = tag.Name == live?.Name })];
    }

    public async Task<Commit> Resolve(string name, CancellationToken cancellation)
    {
        CommitNames.Check(name);
        var sha = name == CommitNames.Latest
            ? await Find(Branch, cancellation).ConfigureAwait(false)
            : await Find($"refs/tags/{name}", cancellation).ConfigureAwait(false)
                ?? (CommitNames.IsSha(name) ? await Find(name, cancellation).ConfigureAwait(false) : null);
        if (sha is null)
        {
            throw name == CommitNames.Latest ? new ToolException($"The repository has no branch {settings.Branch}.") : CommitNames.Unknown(name, "the repository");
        }

        if (!await Contains(Branch, sha, cancellation).ConfigureAwait(false))
        {
            throw CommitNames.NotOnBranch(sha, settings.Branch);
        }

        return await Show(sha, cancellation).ConfigureAwait(false);
    }

    public async Task<Commit?> Live(CancellationToken cancellation)
    {
        if (ProductionTags.Newest(await _production.Pushed(cancellation).ConfigureAwait(false)) is not { } live)
        {
            return null;
        }

        await _production.Fetch([live], cancellation).ConfigureAwait(false);
        return await Show(live.Commit, cancellation).ConfigureAwait(false);
    }

    public async Task<bool> IsOlder(string sha, string than, CancellationToken cancellation) =>
        sha != than && await Contains(than, sha, cancellation).ConfigureAwait(false);

    public async Task<IReadOnlyList<WorkflowRun>> PastDeploys(string workflow, int limit, CancellationToken cancellation)
    {
        var newest = (await _production.Pushed(cancellation).ConfigureAwait(false)).Reverse().Take(limit).ToList();
        await _production.Fetch(newest, cancellation).ConfigureAwait(false);
        List<WorkflowRun> runs = [];
        foreach (var tag in newest)
        {
            var commit = await Show(tag.Commit, cancellation).ConfigureAwait(false);
            runs.Add(new(tag.Name, workflow, "completed", "success", tag.Commit, commit.Url, CommitNames.Deployed(tag.Name)!.Value, null, Readable.FirstLine(commit.Message)));
        }

        return runs;
    }

    /// <summary>
    /// The tag is made as an object without a ref, so that nothing is anywhere until the push, and the push moves one
    /// ref on the remote or none. The message carries the key: a repetition finds its own tag and pushes no second. Two
    /// attempts that overlap, because a push outlived the process that began it, make the same object and the same ref.
    /// </summary>
    public async Task<BackendDeploy> Deploy(string sha, string key, DateTimeOffset at, CancellationToken cancellation)
    {
        var commit = await Resolve(sha, cancellation).ConfigureAwait(false);
        var before = await _production.Pushed(cancellation).ConfigureAwait(false);
        if (await _production.PushedWith(key, commit.Sha, before, cancellation).ConfigureAwait(false) is { } mine)
        {
            return new(commit.Sha, mine, settings.Remote, commit.Url, Note: "It had already been pushed by this same call; nothing was pushed again.");
        }

        var name = CommitNames.NextProductionTag(commit.Sha, at, ProductionTags.Newest(before)?.Name);
        var text = $"object {commit.Sha}\ntype commit\ntag {name}\ntagger Deploybot <deploybot@localhost> {at.ToUnixTimeSeconds()} +0000\n\nDeploy {Readable.Short(commit.Sha)} to backend production\n\nIdempotency-Key: {key}\n";
        var made = await git.Run(["mktag"], cancellation, text).ConfigureAwait(false);
        var tag = made.ExitCode == 0 ? made.Output.Trim() : throw git.Failure("mktag", made.Reason);
        await _production.Push(tag, name, cancellation).ConfigureAwait(false);
        // The push is done and cannot be taken back, so from here on a failure is a note and no error.
        var local = await git.Run(["update-ref", $"refs/tags/{name}", tag, ""], CancellationToken.None).ConfigureAwait(false);
        return new(commit.Sha, name, settings.Remote, commit.Url,
            Note: local.ExitCode == 0 ? null : $"The tag is on {settings.Remote} but not in the local clone: {local.Reason}");
    }

    private async Task<Commit> Show(string sha, CancellationToken cancellation) => (await Log(cancellation, "-1", sha).ConfigureAwait(false))[0];

    private async Task<IReadOnlyList<Commit>> Log(CancellationToken cancellation, params string[] what)
    {
        var fields = (await git.Read(cancellation, ["log", "-z", CommitFormat, .. what, "--"]).ConfigureAwait(false)).Split('\0');
        var tags = (await LocalTags(cancellation).ConfigureAwait(false)).ToLookup(tag => tag.Sha, tag => tag.Name);
        var remote = await git.Run(["config", "--get", $"remote.{settings.Remote}.url"], cancellation).ConfigureAwait(false);
        var page = WebPage.Of(remote.Output.Trim());
        return [.. fields.Chunk(4).Where(chunk => chunk.Length == 4).Select(commit => new Commit(
            commit[0], commit[1], DateTimeOffset.Parse(commit[2], CultureInfo.InvariantCulture).ToUniversalTime(), commit[3].Trim(),
            page is null ? null : $"{page}/commit/{commit[0]}", [.. tags[commit[0]].Order(StringComparer.Ordinal)]))];
    }

    private async Task<List<GitTag>> LocalTags(CancellationToken cancellation) =>
        [.. (await git.Read(cancellation, "for-each-ref", "--sort=-refname", "--sort=-creatordate", TagFormat, "refs/tags").ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\0'))
            .Select(tag => new GitTag(
                tag[0], tag[2].Length > 0 ? tag[2] : tag[1], CommitNames.IsProduction(tag[0]), Current: false,
                DateTimeOffset.TryParse(tag[3], CultureInfo.InvariantCulture, out var date) ? date.ToUniversalTime() : null, tag[4]))];

    private async Task<string?> Find(string revision, CancellationToken cancellation)
    {
        var found = await git.Run(["rev-parse", "--verify", "--quiet", "--end-of-options", $"{revision}^{{commit}}"], cancellation).ConfigureAwait(false);
        return found switch
        {
            { ExitCode: 0 } => found.Output.Trim(),
            { ExitCode: 1 } => null,
            _ => throw git.Failure("rev-parse", found.Reason),
        };
    }

    private async Task<bool> Contains(string head, string sha, CancellationToken cancellation)
    {
        var result = await git.Run(["merge-base", "--is-ancestor", sha, head], cancellation).ConfigureAwait(false);
        return result.ExitCode is 0 or 1 ? result.ExitCode == 0 : throw git.Failure("merge-base", result.Reason);
    }
}
