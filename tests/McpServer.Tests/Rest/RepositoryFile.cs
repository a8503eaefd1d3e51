namespace AgentMcp.Server.Tests.Rest;

/// <summary>A file of the repository the tests were built in.</summary>
internal static class RepositoryFile
{
    public static string Path(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "AgentMcp.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return System.IO.Path.Combine(folder.FullName, name);
    }
}
