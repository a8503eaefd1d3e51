using System.Text.Json;
using AgentMcp.Faults.Victim;

namespace AgentMcp.Faults.World;

/// <summary>Everything outside that the agents of the sweep change, and what really happened to it. In one folder.</summary>
internal sealed class TheWorld
{
    public TheWorld(Pulse pulse)
    {
        Home = Directory.CreateTempSubdirectory("agentmcp-faults-").FullName;
        Repository = new(Home);
        Ledger = new(pulse);
        DepotPort = Ports.Free();
        File.WriteAllText(Servers, JsonSerializer.Serialize(new
        {
            mcpServers = new
            {
                ledger = new { url = new Uri(Ledger.Url, "mcp") },
                engraver = new { command = "dotnet", args = new[] { typeof(TheWorld).Assembly.Location, "engrave" }, env = new { FAULTS_WORLD = Home } },
                depot = new { url = $"http://127.0.0.1:{DepotPort}/mcp" },
            },
        }));
    }

    public string Home { get; }

    public string Database => Path.Combine(Home, "threads.db");

    /// <summary>Of the other AgentMcp server.</summary>
    public string DepotDatabase => Path.Combine(Home, "depot.db");

    /// <summary>The same for each process that is the other server.</summary>
    public int DepotPort { get; }

    /// <summary>The file that names the MCP servers: the ledger, the engraver and the depot.</summary>
    public string Servers => Path.Combine(Home, "mcp.json");

    public Ledger Ledger { get; }

    public Repository Repository { get; }

    /// <summary>How often the effect of this call happened.</summary>
    public int Times(string tool, string key) => tool switch
    {
        "write" => Files("files", key),
        Engraver.Tool => Files("engraved", key),
        "push" => Repository.Pushed(key),
        _ => Ledger.Of(key).Count,
    };

    /// <summary>The same, for good: nothing of these attempts happens any more.</summary>
    public async Task<int> Settled(string tool, string key, int attempts)
    {
        if (tool == "push")
        {
            // A git that its server left behind comes to its end first.
            await Over(() => Processes.With($"FAULTS_CALL={key}").Count > 0);
        }
        else if (tool == Engraver.Tool)
        {
            // The same of an engraver whose server was killed; one that is left later knows nothing of this call.
            List<int> left = [.. Processes.With(Home).Where(process => Processes.NameOf(process).EndsWith("engrave ", StringComparison.Ordinal) && !Processes.IsBelow(process, "serve"))];
            await Over(() => left.Any(process => Processes.NameOf(process).EndsWith("engrave ", StringComparison.Ordinal)));
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
        .. Folders("files").Select(folder => ("write", KeyOf(folder), Directory.GetFiles(folder).Length)),
        .. Folders("engraved").Select(folder => (Engraver.Tool, KeyOf(folder), Directory.GetFiles(folder).Length)).Where(done => done.Length > 0),
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

    private int Files(string kind, string key) => Path.Combine(Home, kind, key.Replace('/', '+')) is var folder && Directory.Exists(folder) ? Directory.GetFiles(folder).Length : 0;

    private string[] Folders(string kind) => Path.Combine(Home, kind) is var folder && Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];

    private static string KeyOf(string folder) => Path.GetFileName(folder).Replace('+', '/');

    private static async Task Over(Func<bool> goesOn)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (goesOn())
        {
            await again.WaitForNextTickAsync(patience.Token);
        }
    }
}
