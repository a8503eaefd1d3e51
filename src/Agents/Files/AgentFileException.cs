namespace AgentMcp.Agents.Files;

/// <summary>An agent file that cannot be used: file, line, reason, and what was probably meant.</summary>
public sealed class AgentFileException(string path, int line, string reason, string? meant = null)
    : Exception($"{path}:{line}: {reason}{(meant is null ? "" : $"; did you mean '{meant}'?")}")
{
    public string Path { get; } = path;

    /// <summary>Counted from 1.</summary>
    public int Line { get; } = line;

    public string Reason { get; } = reason;

    /// <summary>The name that was probably meant by a mistyped one; null where none is near.</summary>
    public string? Meant { get; } = meant;
}
