using System.IO.Pipelines;
using System.Text.Json;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Subscriptions;

/// <summary>A server in this process and its lines, for what cannot be brought about or seen from outside yet.</summary>
internal sealed class InProcess : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly Pipe _toServer = new();
    private readonly Pipe _fromServer = new();
    private readonly StreamReader _lines;
    private ModelContextProtocol.Server.McpServer? _server;
    private Task _running = Task.CompletedTask;

    public InProcess()
    {
        Core = new(Settings.Load(new Dictionary<string, string?> { ["db"] = _folder.Database, ["model"] = "rules" }), NullLoggerFactory.Instance);
        _lines = new(_fromServer.Reader.AsStream());
    }

    public Core Core { get; }

    public void Serve(McpServerOptions options)
    {
        options.Filters.Message.IncomingFilters.Add(next => (context, cancellation) =>
        {
            context.User ??= PrincipalIdentity.Local;
            return next(context, cancellation);
        });
        _server = ModelContextProtocol.Server.McpServer.Create(new StreamServerTransport(_toServer.Reader.AsStream(), _fromServer.Writer.AsStream()), options);
        _running = _server.RunAsync(TestContext.Current.CancellationToken);
    }

    public async Task Send(string line)
    {
        await _toServer.Writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), TestContext.Current.CancellationToken);
    }

    public async Task<JsonElement> Next() => JsonElement.Parse((await _lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Bench.Patience, TestContext.Current.CancellationToken))!);

    /// <summary>Ends the client's side and returns what the server had still to say.</summary>
    public async Task<string> Rest()
    {
        await _toServer.Writer.CompleteAsync();
        await _running;
        await _fromServer.Writer.CompleteAsync();
        return await _lines.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _lines.Dispose();
        Core.Dispose();
        _folder.Dispose();
    }
}
