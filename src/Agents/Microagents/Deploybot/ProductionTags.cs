using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <param name="Object">The tag's own object; the commit itself for a tag without one.</param>
internal sealed record RemoteTag(string Name, string Object, string Commit);

/// <summary>The production tags on the remote.</summary>
internal sealed class ProductionTags(Git git, string remote)
{
    /// <summary>Oldest first. Asks the remote and writes nothing.</summary>
    public async Task<IReadOnlyList<RemoteTag>> Pushed(CancellationToken cancellation)
    {
        var lines = (await git.Read(cancellation, "ls-remote", remote, $"refs/tags/{CommitNames.ProductionPrefix}*").ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t'))
            .ToDictionary(parts => parts[1]["refs/tags/".Length..], parts => parts[0], StringComparer.Ordinal);
        return [.. lines.Where(line => CommitNames.IsProduction(line.Key) && !line.Key.EndsWith("^{}", StringComparison.Ordinal))
            .Select(line => new RemoteTag(line.Key, line.Value, lines.GetValueOrDefault(line.Key + "^{}", line.Value)))
            .OrderBy(tag => tag.Name, StringComparer.Ordinal)];
    }

    public static RemoteTag? Newest(IReadOnlyList<RemoteTag> tags) => tags is [.., var last] ? last : null;

    /// <summary>Brings tags that another clone pushed into this one, as objects only: no ref of the user's changes.</summary>
    public async Task Fetch(IReadOnlyList<RemoteTag> tags, CancellationToken cancellation)
    {
        List<string> missing = [];
        foreach (var tag in tags)
        {
            var known = await git.Run(["cat-file", "-e", tag.Object], cancellation).ConfigureAwait(false);
            missing.AddRange(known.ExitCode == 0 ? [] : [$"refs/tags/{tag.Name}"]);
        }

        if (missing.Count > 0)
        {
            await git.Read(cancellation, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", remote, .. missing]).ConfigureAwait(false);
        }
    }

    /// <summary>The tag a call of this key pushed for this commit, if it did.</summary>
    public async Task<string?> PushedWith(string key, string sha, IReadOnlyList<RemoteTag> pushed, CancellationToken cancellation)
    {
        List<RemoteTag> candidates = [.. pushed.Where(tag => tag.Commit == sha && tag.Object != sha)];
        await Fetch(candidates, cancellation).ConfigureAwait(false);
        foreach (var tag in candidates)
        {
            var text = await git.Read(cancellation, "cat-file", "tag", tag.Object).ConfigureAwait(false);
            if (text.Split('\n').Contains($"Idempotency-Key: {key}"))
            {
                return tag.Name;
            }
        }

        return null;
    }

    /// <summary>Makes the remote's one ref point to a tag object: all of it, or nothing.</summary>
    public async Task Push(string tag, string name, CancellationToken cancellation)
    {
        string reason;
        var cut = false;
        try
        {
            var push = await git.Run(
                ["push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", remote, $"{tag}:refs/tags/{name}"], cancellation).ConfigureAwait(false);
            if (push.ExitCode == 0)
            {
                return;
            }

            reason = push.Reason;
        }
        catch (TimeoutException e)
        {
            (reason, cut) = (e.Message, true);
        }

        // Only the remote knows. A push that ended without the tag there did not happen; one that was cut off still may.
        var after = await git.Run(["ls-remote", remote, $"refs/tags/{name}"], cancellation).ConfigureAwait(false);
        if (after.ExitCode == 0 && after.Output.StartsWith(tag, StringComparison.Ordinal))
        {
            return;
        }

        throw cut || after.ExitCode != 0
            ? new OutcomeUnknownException($"It is not known whether tag {name} reached {remote}: {reason}")
            : git.Failure("push", reason);
    }
}
