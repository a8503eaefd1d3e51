namespace AgentMcp.Server.Hosting;

/// <summary>Where agent files are looked for: the folders that were named, and the user's own.</summary>
internal static class AgentPlaces
{
    /// <summary>The value of <c>agents_home</c> for none.</summary>
    private const string Off = "off";

    /// <param name="setting">Folders as in a PATH.</param>
    public static IReadOnlyList<string> Named(string? setting) =>
        setting?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>
    /// <c>~/.config/agentmcp/agents</c> (Linux), <c>~/Library/Application Support/agentmcp/agents</c> (macOS) or
    /// <c>%APPDATA%\agentmcp\agents</c> (Windows), unless the setting says otherwise. It need not be there.
    /// </summary>
    public static string? Home(string? setting) => setting switch
    {
        Off => null,
        { } folder => folder,
        null => Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } configuration
            ? Path.Combine(configuration, "agentmcp", "agents")
            : null,
    };

    /// <summary>The setting with every folder named from the root, for a program that is started elsewhere.</summary>
    public static string FromRoot(string setting) =>
        setting == Off ? Off : string.Join(Path.PathSeparator, Named(setting).Select(Path.GetFullPath));
}
