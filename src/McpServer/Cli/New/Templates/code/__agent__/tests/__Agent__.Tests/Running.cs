using System.Diagnostics;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace __Agent__.Tests;

/// <summary>The program in a process of its own, and a real MCP client of it. The test chooses the steps: the caller is the model.</summary>
internal sealed class Running : IAsyncDisposable
{
    private readonly Process _process;
    private readonly McpClient _client;

    private Running(Process process, McpClient client) => (_process, _client) = (process, client);

    public static async Task<Running> Start(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "__Agent__.dll"), "stdio", "--model", "caller", "--db", Path.Combine(folder, "threads.db")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["SHOP_ORDERS"] = Path.Combine(folder, "orders.txt");
        var process = Process.Start(start)!;
        // A busy machine must not turn a slow first answer into an older protocol.
        var patient = new McpClientOptions { DiscoverProbeTimeout = TimeSpan.FromSeconds(60), InitializationTimeout = TimeSpan.FromSeconds(60) };
        return new(process, await McpClient.CreateAsync(new StreamClientTransport(process.StandardInput.BaseStream, process.StandardOutput.BaseStream), patient));
    }

    public async Task<JsonElement> Call(string tool, object arguments)
    {
        var given = JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value);
        var result = await _client.CallToolAsync(tool, given, cancellationToken: TestContext.Current.CancellationToken);
        return result.StructuredContent!.Value;
    }

    /// <summary>As kill -9 does it: nothing is said, nothing is saved any more.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _client.DisposeAsync();
        _process.Dispose();
    }
}
