namespace AgentMcp.Server.Cli.Doctor;

internal enum Health
{
    Ok,

    /// <summary>Nothing is broken, but something does less than it could.</summary>
    Note,

    Broken,
}

/// <summary>One thing that was looked at, and what to do where it is not well.</summary>
internal sealed record Finding(string Name, Health Health, string Detail)
{
    public static Finding Ok(string name, string detail) => new(name, Health.Ok, detail);

    public static Finding Note(string name, string detail) => new(name, Health.Note, detail);

    public static Finding Broken(string name, string detail) => new(name, Health.Broken, detail);
}
