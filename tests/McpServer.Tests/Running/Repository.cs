namespace AgentMcp.Server.Tests.Running;

/// <summary>The source tree the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Above(AppContext.BaseDirectory);

    private static string Above(string start)
    {
        var folder = new DirectoryInfo(start);
        while (!File.Exists(Path.Combine(folder.FullName, "AgentMcp.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("AgentMcp.sln is in no folder above the tests.");
        }

        return folder.FullName;
    }
}
