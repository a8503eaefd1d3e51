namespace AgentMcp.Server.Tests.Running;

/// <summary>A folder of one test, gone with it.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder() => Path = Directory.CreateTempSubdirectory("agentmcp-test-").FullName;

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "threads.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
