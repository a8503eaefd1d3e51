namespace AgentMcp.Agents.Tests.Models;

/// <summary>A price table of one's own, for as long as a test needs it.</summary>
internal sealed class PriceFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("prices-");

    public PriceFile(string json) => File.WriteAllText(Path, json);

    public string Path => System.IO.Path.Combine(_folder.FullName, "prices.json");

    public void Dispose() => _folder.Delete(recursive: true);
}
