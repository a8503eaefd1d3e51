using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Running;

public enum Transport
{
    Stdio,
    Http,
}

/// <summary>A real agentmcp process and a real client of it. Disposing ends both; <see cref="Kill"/> is kill -9.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private readonly Process? _process;

    private RunningServer(Process? process, McpClient client, Uri? url, string? inboxLink = null) => (_process, Client, Url, InboxLink) = (process, client, url, inboxLink);

    public McpClient Client { get; }

    /// <summary>The MCP endpoint; null over stdio.</summary>
    public Uri? Url { get; }

    /// <summary>The link that signs a browser in to the pages of an HTTP server, once.</summary>
    public string? InboxLink { get; }

    public int ProcessId => _process!.Id;

    /// <param name="protocol">A protocol version to pin, or null to let the client choose.</param>
    /// <param name="arguments">Further ones of the command.</param>
    /// <param name="settings">AGENTMCP_* settings by their names, such as <c>model</c>.</param>
    /// <param name="program">Another program than agentmcp that can do all it can.</param>
    public static async Task<RunningServer> Start(
        Transport transport, string database, string? protocol = null, IReadOnlyDictionary<string, string>? settings = null, McpClientOptions? options = null, string[]? arguments = null,
        string? program = null)
    {
        var process = Launch([.. transport == Transport.Stdio ? new[] { "stdio" } : arguments?.Contains("--port") == true ? ["http"] : ["http", "--port", "0"], .. arguments ?? []], database, settings, program: program);
        options ??= new();
        options.ProtocolVersion ??= protocol;
        // A busy machine must not turn a slow first answer into another protocol version.
        options.DiscoverProbeTimeout = StartTimeout;
        options.InitializationTimeout = StartTimeout;
        if (transport == Transport.Stdio)
        {
            var pipes = new StreamClientTransport(process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
            return new(process, await McpClient.CreateAsync(pipes, options), null);
        }

        var url = new Uri((await process.StandardOutput.ReadLineAsync())!.Split(' ')[^1]);
        var link = (await process.StandardOutput.ReadLineAsync())!.Split(' ')[^1];
        return new(process, await Connect(url, options), url, link);
    }

    /// <summary>Another client of the same server, over HTTP; disposing it leaves the server running.</summary>
    public async Task<RunningServer> Again(string protocol, McpClientOptions? options = null)
    {
        options ??= new();
        options.ProtocolVersion = protocol;
        return new(null, await Connect(Url!, options), Url);
    }

    private static async Task<McpClient> Connect(Uri url, McpClientOptions options) =>
        await McpClient.CreateAsync(new HttpClientTransport(new() { Endpoint = url, TransportMode = HttpTransportMode.StreamableHttp }), options);

    /// <summary>Starts the program without a client. Standard error goes to the test's own, unless it is to be read.</summary>
    public static Process Launch(
        IEnumerable<string> arguments, string database, IReadOnlyDictionary<string, string>? settings = null, bool readErrors = false, string? program = null)
    {
        var start = new ProcessStartInfo("dotnet", [program ?? TheProgram.Path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = readErrors,
        };
        start.Environment["AGENTMCP_DB"] = database;
        start.Environment["AGENTMCP_MODEL"] = "rules";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name.StartsWith("OTEL_", StringComparison.Ordinal) ? name : "AGENTMCP_" + name.ToUpperInvariant()] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Calls a tool and returns its whole result.</summary>
    public ValueTask<CallToolResult> Call(string tool, object arguments) => Client.CallToolAsync(
        tool, JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value),
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Calls a thread tool; the answer is checked for what holds for all of them.</summary>
    public async Task<Reply> Do(string tool, object arguments) => Reply.Of(await Call(tool, arguments));

    /// <summary>Calls a tool that must refuse, and returns what it says.</summary>
    public async Task<string> Refusal(string tool, object arguments)
    {
        var result = await Call(tool, arguments);
        var text = Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
        Assert.True(result.IsError, text);
        Assert.Null(result.StructuredContent);
        return text;
    }

    /// <summary>Sends any request and returns the result as it came.</summary>
    public async Task<JsonElement> Send(string method, JsonNode? parameters = null)
    {
        var response = await Client.SendRequestAsync(new JsonRpcRequest { Method = method, Params = parameters ?? new JsonObject() }, TestContext.Current.CancellationToken);
        return JsonElement.Parse(response.Result!.ToJsonString());
    }

    /// <summary>Calls a tool and returns its structured content; fails when there is none.</summary>
    public async Task<JsonElement> Ask(string tool, object arguments)
    {
        var result = await Call(tool, arguments);
        return result.StructuredContent ?? throw new InvalidOperationException(((TextContentBlock)result.Content[0]).Text);
    }

    /// <summary>SIGKILL: the process gets no chance to do anything more.</summary>
    /// <param name="children">Those it has started, too: one that does not end with its input would outlive the test.</param>
    public async Task Kill(bool children = false)
    {
        _process!.Kill(entireProcessTree: children);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGTERM: the process ends by itself; returns its exit code.</summary>
    public Task<int> Terminate() => Terminate(_process!);

    public static async Task<int> Terminate(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (_process is null)
        {
            return;
        }

        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (Url is not null)
            {
                _process.Kill();
            }

            try
            {
                await _process.WaitForExitAsync().WaitAsync(StartTimeout);
            }
            catch (TimeoutException)
            {
                // A server that a failed test left stuck must not hold up the others.
                _process.Kill();
            }
        }

        _process.Dispose();
    }
}
