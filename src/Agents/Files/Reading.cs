using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>One reading of all files: those that are usable so far, and what is to be said of the others.</summary>
/// <param name="looked">Takes the files that were looked for, as they were just before.</param>
/// <param name="good">The agents of the reading before, by their files; at the end those of this one.</param>
internal sealed class Reading(Dictionary<string, Stamp> looked, Dictionary<string, Microagent> good)
{
    /// <summary>Larger files are no agents.</summary>
    private const int LargestFile = 1024 * 1024;

    private readonly SortedDictionary<string, Remark> _unusable = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<Remark> _remarks = [];
    private readonly Dictionary<string, Microagent> _agents = new(StringComparer.Ordinal);

    /// <summary>Files that are agents or mean to be.</summary>
    public List<string> Tried { get; } = [];

    /// <summary>Those that are usable so far.</summary>
    public List<HeadOfFile> Files { get; } = [];

    public IReadOnlyList<Remark> Remarks =>
    [
        .. _unusable.Values.Select(remark => IsKept(remark.Path) ? remark with { Meanwhile = $"until it is mended, {good[remark.Path].Name} stays as it was" } : remark),
        .. _remarks,
    ];

    /// <summary>The names of agents there would be, were their files in order.</summary>
    public IReadOnlySet<string> Broken => _names.Except(Files.Select(file => file.Name)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Of files that have become unusable, what they last were.</summary>
    public IEnumerable<Microagent> Kept => good.Where(last => IsKept(last.Key)).Select(last => last.Value);

    public void Missing(string folder, bool needed)
    {
        if (needed)
        {
            _unusable[folder] = new(RemarkKind.Problem, folder, 0, "there is no such folder; create it or change --agents");
        }
    }

    public void Heads(string folder)
    {
        IReadOnlyList<string> paths = [];
        Try(folder, () => paths = FolderFiles.In(folder));
        foreach (var path in paths)
        {
            looked[path] = Stamp.Of(path);
            Try(path, () =>
            {
                var text = Stamp.Of(path).Length <= LargestFile ? File.ReadAllText(path) : throw new AgentFileException(path, 1, $"the file has more than {LargestFile} bytes and is no agent");
                if (FolderFiles.IsAgent(path, text))
                {
                    Tried.Add(path);
                    _names.Add(HeadOfFile.NameIn(text));
                    Files.Add(HeadOfFile.Read(path, folder, text));
                }
            });
        }
    }

    public void Check(HeadOfFile file, Remark? remark)
    {
        if (remark is not null)
        {
            Files.Remove(file);
            _unusable[file.Path] = remark;
        }
    }

    public void Read(IReadOnlyDictionary<string, Tool> known, IReadOnlyCollection<string> servers)
    {
        var broken = Broken;
        _agents.Clear();
        _remarks.Clear();
        Files.RemoveAll(file => !Try(file.Path, () => _agents[file.Path] = file.IsClaude
            ? ClaudeFile.Parse(file.Path, file.Text).Agent(known, servers, _remarks)
            : AgentFile.Parse(file.Path, file.Text, known, null, path => looked.TryAdd(path, Stamp.Of(path)), broken)));
    }

    /// <summary>The agents there are now; they are the good ones from here on.</summary>
    public IReadOnlyList<Microagent> End()
    {
        var kept = good.Where(last => IsKept(last.Key)).ToDictionary();
        good.Clear();
        foreach (var (path, agent) in _agents.Concat(kept))
        {
            good[path] = agent;
        }

        return [.. good.Values];
    }

    // The name may have become another's in the meantime; and what is not wrong but set aside is not kept.
    private bool IsKept(string path) => good.TryGetValue(path, out var agent)
        && _unusable.TryGetValue(path, out var remark) && remark.Kind == RemarkKind.Problem && Files.TrueForAll(file => file.Name != agent.Name);

    private bool Try(string path, Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (AgentFileException e)
        {
            _unusable[path] = e.Problem;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another program may hold it for a moment: whoever looks again finds it changed.
            looked[path] = default;
            _unusable[path] = new(RemarkKind.Problem, path, 1, e.Message);
        }

        return false;
    }
}

/// <summary>What tells one state of a file from another; the default of one that is not there. Of a link it is that of the file it leads to.</summary>
/// <param name="Path">Where the file really is: a link on the way to it may have been turned to another that looks the same.</param>
internal readonly record struct Stamp(long Written, long Length, string? Path)
{
    public static Stamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            var folder = file.Directory?.ResolveLinkTarget(returnFinalTarget: true) ?? file.Directory;
            return file.Exists ? new(file.LastWriteTimeUtc.Ticks, file.Length, System.IO.Path.Combine(folder?.FullName ?? "", file.Name)) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A link that leads to itself leads to no file.
            return default;
        }
    }
}
