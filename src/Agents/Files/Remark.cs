namespace AgentMcp.Agents.Files;

/// <summary>Something to be said of an agent file, with its place and, for a mistyped name, what was probably meant.</summary>
/// <param name="Line">Counted from 1; 0 where it is about no line.</param>
/// <param name="Meanwhile">What holds for as long as it is so.</param>
public sealed record Remark(RemarkKind Kind, string Path, int Line, string Reason, string? Meant = null, string? Meanwhile = null)
{
    public override string ToString() =>
        $"{Path}{(Line > 0 ? $":{Line}" : "")}: {Reason}{(Meant is null ? "" : $"; did you mean '{Meant}'?")}{(Meanwhile is null ? "" : $" ({Meanwhile})")}";
}

public enum RemarkKind
{
    /// <summary>It is as it should be, but not everything holds that the file says.</summary>
    Note,

    /// <summary>It can be used, and is probably not what was meant.</summary>
    Warning,

    /// <summary>It cannot be used.</summary>
    Problem,
}

/// <summary>An agent file that cannot be used.</summary>
/// <param name="field">The field it is about, and <paramref name="item"/> what in it, where that can be told.</param>
public sealed class AgentFileException(Remark problem, string? field = null, string? item = null) : Exception(problem.ToString())
{
    public AgentFileException(string path, int line, string reason, string? meant = null)
        : this(new Remark(RemarkKind.Problem, path, line, reason, meant))
    {
    }

    public Remark Problem { get; } = problem;

    public string? Field { get; } = field;

    public string? Item { get; } = item;
}
