using System.Diagnostics;

namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary>One environment of the shop: a process of its own, started from this very program, on a free port.</summary>
internal sealed class ShopService : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private ShopService(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    public static async Task<ShopService> Start(string folder, string link, CancellationToken cancellation)
    {
        var start = Self.Start(ShopCommand.Name, folder, link);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var first = await process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false)
                ?? throw new IOException($"The shop's service ended before it listened. It said: {(await errors.ConfigureAwait(false)).Trim()}");
            return new(process, new Uri(first.Split(' ')[^1]));
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>What it serves at a path, asked over HTTP; the status alone where that is not 200.</summary>
    public async Task<string> Get(string path, CancellationToken cancellation)
    {
        using var reply = await _http.GetAsync(new Uri(Address, path), cancellation).ConfigureAwait(false);
        return reply.IsSuccessStatusCode ? (await reply.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)).Trim() : $"{(int)reply.StatusCode}";
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
