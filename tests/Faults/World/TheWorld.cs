using System.Text.Json;

namespace AgentMcp.Faults.World;

/// <summary>Everything outside that the agents of the sweep change, and what really happened to it. In one folder.</summary>
internal sealed class TheWorld
{
    public TheWorld(Pulse pulse)
    {
        Home = Directory.CreateTempSubdirectory("agentmcp-faults-").FullName;
        Repository = new(Home);
        Ledger = new(pulse);
        File.WriteAllText(Servers, JsonSerializer.Serialize(new { mcpServers = new { ledger = new { url = new Uri(Ledger.Url, "mcp") } } }));
    }

    public string Home { get; }

    public string Database => Path.Combine(Home, "threads.db");

    /// <summary>The file that names the MCP server of the ledger.</summary>
    public string Servers => Path.Combine(Home, "mcp.json");

    public Ledger Ledger { get; }

    public Repository Repository { get; }

    /// <summary>How often the effect of this call happened.</summary>
    public int Times(string tool, string key) => tool switch
    {
        "write" => Directory.Exists(FilesOf(key)) ? Directory.GetFiles(FilesOf(key)).Length : 0,
        "push" => Repository.Pushed(key),
        _ => Ledger.Of(key).Count,
    };

    /// <summary>The same, for good: nothing of these attempts happens any more.</summary>
    public async Task<int> Settled(string tool, string key, int attempts)
    {
        if (tool == "push")
        {
            // A git that its server left behind comes to its end first.
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (Processes.With($"FAULTS_CALL={key}").Count > 0)
            {
                await again.WaitForNextTickAsync(patience.Token);
            }
        }
        else if (tool != "write")
        {
            return Ledger.Close(key, attempts);
        }

        return Times(tool, key);
    }

    /// <summary>Everything that ever happened: the tool where it can be told, the key of the call, and how often.</summary>
    public IReadOnlyList<(string Tool, string Key, int Times)> All =>
    [
        .. Ledger.Keys.Select(key => (Ledger.Of(key)[0].Kind, key, Ledger.Of(key).Count)),
        .. Repository.Keys.GroupBy(key => key).Select(calls => ("push", calls.Key, calls.Count())),
        .. Directory.Exists(Path.Combine(Home, "files")) ? Directory.GetDirectories(Path.Combine(Home, "files")).Select(folder =>
            ("write", Path.GetFileName(folder).Replace('+', '/'), Directory.GetFiles(folder).Length)) : [],
    ];

    /// <param name="keep">Whether what is left is to be looked at.</param>
    public async Task DisposeAsync(bool keep)
    {
        await Ledger.DisposeAsync();
        if (!keep)
        {
            Directory.Delete(Home, recursive: true);
        }
    }

    private string FilesOf(string key) => Path.Combine(Home, "files", key.Replace('/', '+'));
}
