using System.Diagnostics;
using AgentMcp.Server.Hosting;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Cli.Demo;

/// <summary>A server of its own process, started from this very program, with the official MCP client connected to it.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly McpClient _client;

    private DemoServer(Process process, McpClient client, string address, string? inboxLink) => (_process, _client, Address, InboxLink) = (process, client, address, inboxLink);

    public int ProcessId => _process.Id;

    public string Address { get; }

    /// <summary>What signs a browser in; only the server over HTTP has pages here.</summary>
    public string? InboxLink { get; }

    public string Protocol => _client.NegotiatedProtocolVersion ?? "unknown";

    public static async Task<DemoServer> Stdio(DemoSetup setup, CancellationToken cancellation) =>
        await Connect(Launch(setup, "stdio"), (process, _) => Task.FromResult<(IClientTransport, string, string?)>(
            (new StreamClientTransport(process.StandardInput.BaseStream, process.StandardOutput.BaseStream), "standard input and output", null)), cancellation).ConfigureAwait(false);

    public static async Task<DemoServer> Http(DemoSetup setup, CancellationToken cancellation) =>
        await Connect(Launch(setup, "http", "--port", "0"), async (process, token) =>
        {
            var address = await LastWord(process, token).ConfigureAwait(false);
            var link = await LastWord(process, token).ConfigureAwait(false);
            return (new HttpClientTransport(new() { Endpoint = new Uri(address), TransportMode = HttpTransportMode.StreamableHttp }), address, link);
        }, cancellation).ConfigureAwait(false);

    private static async Task<string> LastWord(Process process, CancellationToken cancellation) =>
        (await process.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) ?? throw new IOException("The server ended before it listened.")).Split(' ')[^1];

    public async Task<int> CountTools(CancellationToken cancellation) =>
        (await _client.ListToolsAsync(cancellationToken: cancellation).ConfigureAwait(false)).Count;

    public async Task<WireThread> Call(string tool, CancellationToken cancellation, params (string Name, object? Value)[] arguments)
    {
        var result = await _client.CallToolAsync(
            tool, arguments.Where(one => one.Value is not null).ToDictionary(one => one.Name, one => one.Value), cancellationToken: cancellation).ConfigureAwait(false);
        return result.StructuredContent is { } content
            ? WireThread.Read(content)
            : throw new IOException($"{tool} was refused: {string.Join(' ', result.Content.OfType<TextContentBlock>().Select(block => block.Text))}");
    }

    /// <summary>SIGKILL: the process gets no chance to do anything more. Returns how it ended.</summary>
    public async Task<int> Kill(CancellationToken cancellation)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        await _client.DisposeAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private static async Task<DemoServer> Connect(
        Process process, Func<Process, CancellationToken, Task<(IClientTransport Transport, string Address, string? InboxLink)>> reach, CancellationToken cancellation)
    {
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var (transport, address, link) = await reach(process, cancellation).ConfigureAwait(false);
            // A busy machine must not turn a slow first answer into an older protocol.
            var options = new McpClientOptions
            {
                ClientInfo = new() { Name = "agentmcp-demo", Version = Hosting.Version.Current },
                DiscoverProbeTimeout = StartTimeout,
                InitializationTimeout = StartTimeout,
            };
            return new(process, await McpClient.CreateAsync(transport, options, cancellationToken: cancellation).ConfigureAwait(false), address, link);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            process.Kill();
            throw new IOException($"The demo's server cannot be reached: {e.Message} It said: {(await errors.ConfigureAwait(false)).Trim()}", e);
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    // Whatever the user has set up stays out of the demo, or it might deploy something real.
    private static Process Launch(DemoSetup setup, params string[] arguments)
    {
        var start = Self.Start(arguments);
        start.WorkingDirectory = setup.Folder;
        foreach (var (name, _, _) in Settings.Known)
        {
            start.Environment[$"AGENTMCP_{name.ToUpperInvariant()}"] = name switch
            {
                "db" => setup.Database,
                "model" => "rules",
                _ => setup.Settings.GetValueOrDefault(name, ""),
            };
        }

        // A killed process cannot remove the runtime's debugging pipes from the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (name, value) in DemoGit.Environment(setup.Folder))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

/// <summary>What a demo's servers share, and nothing else: a folder, a database in it, and settings by their names.</summary>
internal sealed record DemoSetup(string Folder, string Database, Dictionary<string, string> Settings);
