using System.Text.RegularExpressions;

namespace AgentMcp.Agents.Files;

/// <summary>
/// The prompt of an agent: its body with the files it includes (<c>{{> shared/rules.md}}</c>) and its
/// <c>{{variables}}</c> filled in. What is unknown is an error with its place, in whichever file, never an empty spot.
/// </summary>
/// <param name="folder">The folder of the agent file; nothing outside it is included.</param>
/// <param name="found">Told of what is wrong, if it is not to be thrown; the place then stays as it is.</param>
/// <param name="looked">Told of every file that was looked for, whether or not it is there.</param>
internal sealed partial class PromptText(string folder, IReadOnlyDictionary<string, string> values, Action<string> looked, Action<Remark>? found = null)
{
    public const int Longest = 256 * 1024;

    /// <summary>How often files are included by one prompt. Files that include each other many times would multiply.</summary>
    public const int MostIncludes = 1_000;

    /// <summary>How deep files include each other.</summary>
    public const int MostDeep = 50;

    private readonly Dictionary<string, string> _read = new(StringComparer.Ordinal);
    private int _includes;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The variables that were filled in somewhere.</summary>
    public IReadOnlySet<string> Used => _used;

    /// <param name="firstLine">The line of the file on which the text begins.</param>
    /// <exception cref="AgentFileException">A variable or file is unknown, or the files include each other in a circle.</exception>
    public string Fill(string path, string text, int firstLine, params ReadOnlySpan<string> within)
    {
        string[] open = [.. within, path];
        var lines = text.Split('\n');
        var length = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = firstLine + i;
            lines[i] = Mark().Replace(lines[i], mark =>
            {
                var filled = Filled(open, line, mark);
                return (length += filled.Length) <= Longest ? filled : throw TooLong(path, line);
            });
            if (lines[i].Length > Longest)
            {
                throw TooLong(path, line);
            }
        }

        return string.Join('\n', lines) is { Length: <= Longest } filled ? filled : throw TooLong(path, firstLine);
    }

    private string Filled(string[] open, int line, Match mark)
    {
        try
        {
            return mark.Groups["file"] is { Success: true, Value: var file } ? _includes > MostIncludes ? mark.Value : Include(open, line, file) : Value(open[^1], line, mark.Groups["name"].Value);
        }
        catch (AgentFileException e) when (found is not null)
        {
            found(e.Problem);
            return mark.Value;
        }
    }

    private string Value(string path, int line, string name)
    {
        if (!values.TryGetValue(name, out var value))
        {
            throw Nearest.To(name, values.Keys) is { } meant
                ? new AgentFileException(path, line, $"there is no variable '{name}'", meant)
                : new AgentFileException(path, line, $"there is no variable '{name}'; there are {string.Join(", ", values.Keys)}");
        }

        _used.Add(name);
        return value;
    }

    private string Include(string[] open, int line, string file)
    {
        AgentFileException Wrong(string reason, string? meant = null) => new(open[^1], line, reason, meant);
        if (_includes++ == MostIncludes)
        {
            throw Wrong($"the prompt includes files more than {MostIncludes} times");
        }

        if (open.Length > MostDeep)
        {
            throw Wrong($"files include each other more than {MostDeep} deep");
        }

        var path = Path.Combine(Path.GetDirectoryName(open[^1]) ?? "", file);
        if (Path.GetRelativePath(folder, path) is var inside && (Path.IsPathRooted(inside) || inside.Split('/', '\\').Contains("..")))
        {
            throw Wrong($"'{file}' lies outside the folder of the agents, from which alone can be included");
        }

        looked(path);
        if (Array.FindIndex(open, other => Path.GetFullPath(other) == Path.GetFullPath(path)) is >= 0 and var first)
        {
            throw Wrong($"'{file}' would come to include itself: {string.Join(" -> ", [.. open[first..].Select(Path.GetFileName), Path.GetFileName(path)])}");
        }

        if (_read.TryGetValue(Path.GetFullPath(path), out var before))
        {
            return before;
        }

        if (!File.Exists(path))
        {
            var there = Directory.Exists(Path.GetDirectoryName(path)) ? Directory.EnumerateFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName).OfType<string>() : [];
            throw Wrong($"there is no file '{file}' to include", Nearest.To(Path.GetFileName(file), there));
        }

        // A link could lead out of the folder by another way.
        if (LinkOn(inside) is { } link)
        {
            throw Wrong($"'{file}' cannot be included: {link} is a link");
        }

        return _read[Path.GetFullPath(path)] = new FileInfo(path).Length <= Longest
            ? Fill(path, File.ReadAllText(path).ReplaceLineEndings("\n").TrimEnd('\n'), 1, open) : throw TooLong(path, 1);
    }

    private string? LinkOn(string inside)
    {
        var parts = inside.Split('/', '\\');
        return Enumerable.Range(1, parts.Length).Select(count => Path.Combine([folder, .. parts[..count]]))
            .FirstOrDefault(path => File.ResolveLinkTarget(path, returnFinalTarget: false) is not null);
    }

    private static AgentFileException TooLong(string path, int line) => new(path, line, $"the prompt has more than {Longest} characters");

    [GeneratedRegex(@"\{\{(?:>\s*(?<file>[^{}]+?)|\s*(?<name>[^{}]*?))\s*\}\}")]
    private static partial Regex Mark();
}
