using System.Formats.Tar;
using System.Text.Json;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Pipeline;

/// <summary>
/// Frontend builds of a local repository: a folder in the releases for every commit, made of what is in that commit,
/// and the link <c>staging</c> to the one that staging serves. A build can be promoted once it has passed the tests.
/// </summary>
internal sealed class LocalBuilds(LocalSettings settings, string frontend, Git git, TimeProvider clock)
{
    private const string Untested = "testing";
    private const string Scratch = ".building";
    private readonly string _releases = Path.GetFullPath(settings.Releases!);

    public static string IdOf(string sha) => $"dpl_{Readable.Short(sha)}";

    /// <summary>
    /// Builds the commit, unless it has been built before, and has staging serve it. Running it again changes nothing:
    /// a build appears by one rename, whole or not at all, and the link is switched by another.
    /// </summary>
    public async Task<string> Deploy(Commit commit, string key, CancellationToken cancellation)
    {
        var id = IdOf(commit.Sha);
        try
        {
            Directory.CreateDirectory(_releases);
            if (!Directory.Exists(Path.Combine(_releases, id)))
            {
                await Build(commit, id, key, cancellation).ConfigureAwait(false);
            }

            new ReleaseLink(_releases, "staging").Switch(id, key);
            return id;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"{Readable.Short(commit.Sha)} was not deployed to staging: {e.Message}", e);
        }
    }

    /// <summary>What the tests said of a build: only one that passed them may be promoted. One that may be already stays so, since what is live must be there to go back to.</summary>
    public async Task Mark(string sha, bool passed, CancellationToken cancellation)
    {
        var file = Path.Combine(_releases, IdOf(sha), "release.json");
        try
        {
            var build = JsonSerializer.Deserialize(await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false), DeployJson.Default.Release)!;
            if (!passed && build.Status != Untested)
            {
                return;
            }

            await File.WriteAllTextAsync(file + ".new", Json(build with { Status = passed ? "staged" : "failed" }), cancellation).ConfigureAwait(false);
            File.Move(file + ".new", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ToolException($"The build of {Readable.Short(sha)} could not be marked in {file}: {e.Message}", e);
        }
    }

    private async Task Build(Commit commit, string id, string key, CancellationToken cancellation)
    {
        var scratch = Path.Combine(_releases, Scratch, key.Replace('/', '-'));
        var archive = scratch + ".tar";
        var build = Path.Combine(scratch, id);
        if (Directory.Exists(scratch))
        {
            // Of an attempt that was cut off.
            Directory.Delete(scratch, recursive: true);
        }

        Directory.CreateDirectory(build);
        await git.Read(cancellation, "archive", "--format=tar", $"--output={archive}", frontend == PipelineSettings.WholeRepository ? commit.Sha : $"{commit.Sha}:{frontend}").ConfigureAwait(false);
        await TarFile.ExtractToDirectoryAsync(archive, build, overwriteFiles: false, cancellation).ConfigureAwait(false);
        File.Delete(archive);
        var release = new Release(commit.Sha, clock.GetUtcNow(), commit.Author, Readable.FirstLine(commit.Message), Untested);
        await File.WriteAllTextAsync(Path.Combine(build, "release.json"), Json(release), cancellation).ConfigureAwait(false);
        try
        {
            Directory.Move(build, Path.Combine(_releases, id));
        }
        catch (IOException) when (Directory.Exists(Path.Combine(_releases, id)))
        {
            // Another pipeline built the same commit meanwhile, which is the same build.
        }

        Directory.Delete(scratch, recursive: true);
    }

    private static string Json(Release release) => JsonSerializer.Serialize(release, DeployJson.Default.Release);
}
