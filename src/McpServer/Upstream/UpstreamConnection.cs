using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// The one connection to another MCP server: made when first needed and made again after it broke, each time a little
/// later. Nothing the server prints gets further than our log. Thread-safe.
/// </summary>
/// <param name="asked">Answers what the server asks in the middle of a call.</param>
internal sealed class UpstreamConnection(
    UpstreamSettings settings, TimeSpan startTimeout, ServerWords words, Func<JsonRpcRequest, CancellationToken, Task<JsonNode>> asked, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private const double LongestPause = 30;

    // A program that is asked to end may take two seconds of it.
    private static readonly TimeSpan ClosesWithin = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _ending = new();
    private Task _abandoned = Task.CompletedTask;
    private volatile McpClient? _client;
    private int _requests;
    private (int Failures, DateTimeOffset NotBefore, string Reason) _trouble = (0, default, "");
    private bool _disposed;

    /// <exception cref="UnreachableException">It cannot be made, or was tried a moment ago.</exception>
    public async Task<McpClient> Open(CancellationToken cancellation)
    {
        if (_client is { Completion.IsCompleted: false } alive)
        {
            return alive;
        }

        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_disposed)
            {
                throw Ending();
            }

            if (_client is { Completion.IsCompleted: false } made)
            {
                return made;
            }

            if (clock.GetUtcNow() < _trouble.NotBefore)
            {
                throw new UnreachableException(_trouble.Reason);
            }

            if (_client is { } broken)
            {
                _client = null;
                await Close(broken).ConfigureAwait(false);
            }

            return _client = await Start(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Makes a request. A connection that turned out to be broken is given up, but not while other requests wait for their
    /// answers over it: if it is not this one alone that fails, they fail as well, and the last of them gives it up.
    /// </summary>
    /// <param name="breaks">Whether the connection may be to blame.</param>
    /// <exception cref="UnreachableException">It cannot be made.</exception>
    public async Task<T> Request<T>(Func<McpClient, Task<T>> request, Func<Exception, bool> breaks, CancellationToken cancellation)
    {
        McpClient? broken = null;
        Interlocked.Increment(ref _requests);
        try
        {
            var client = await Open(cancellation).ConfigureAwait(false);
            try
            {
                return await request(client).ConfigureAwait(false);
            }
            catch (Exception e) when (breaks(e))
            {
                broken = client;
                throw;
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _requests) == 0 && broken is not null)
            {
                await Drop(broken).ConfigureAwait(false);
            }
        }
    }

    public UnreachableException Unreachable(Exception e) => new($"the MCP server '{settings.Name}' cannot be reached: {words.Clean(e.Message)}{words.Last}", e);

    public async ValueTask DisposeAsync()
    {
        // A server that is being started is not waited for; but its program is to end before this one does.
        await _ending.CancelAsync().ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            if (_client is { } client)
            {
                _client = null;
                await Close(client).ConfigureAwait(false);
            }

            await _abandoned.WaitAsync(ClosesWithin, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task Drop(McpClient client)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!ReferenceEquals(_client, client))
            {
                return;
            }

            // A request that begins now has been counted, or finds none and waits for its turn.
            _client = null;
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _requests) > 0 && !client.Completion.IsCompleted)
            {
                _client = client;
                return;
            }

            await Close(client).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<McpClient> Start(CancellationToken cancellation)
    {
        words.Clear();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ending.Token);
        limit.CancelAfter(startTimeout);
        try
        {
            var client = await Make(limit.Token).ConfigureAwait(false);
            logger.LogInformation("Connected to the MCP server {Server}, {Name} {Version}, protocol {Protocol}",
                settings.Name, client.ServerInfo?.Name, client.ServerInfo?.Version, client.NegotiatedProtocolVersion);
            _trouble = (0, default, "");
            return client;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var failure = _ending.IsCancellationRequested ? Ending(e)
                : limit.IsCancellationRequested ? new UnreachableException($"the MCP server '{settings.Name}' did not start within {startTimeout.TotalSeconds:0} seconds{words.Last}", e) : Unreachable(e);
            _trouble = (_trouble.Failures + 1, clock.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(LongestPause, Math.Pow(2, _trouble.Failures - 1))), failure.Message);
            throw failure;
        }
    }

    private UnreachableException Ending(Exception? e = null) => new($"the MCP server '{settings.Name}' is not started, since this one stops", e);

    // A program that ends as it is written to may hold up the writer for ever (a pipe that is closed while .NET opens its
    // socket), and no cancellation gets there: then one thread is lost, and not all who want the server.
    private async Task<McpClient> Make(CancellationToken limit)
    {
        var transport = new RawTransport(UpstreamTransport.Of(settings, line => logger.LogDebug("{Server}: {Line}", settings.Name, words.Hear(line))), settings.Secrets, asked);
        var making = Task.Run(() => McpClient.CreateAsync(transport, new()
        {
            ClientInfo = new() { Name = "agentmcp", Version = Hosting.Version.Current },
            InitializationTimeout = startTimeout,
            DiscoverProbeTimeout = startTimeout / 2,
        }, loggerFactory: null, limit), limit);
        try
        {
            return await making.WaitAsync(limit).ConfigureAwait(false);
        }
        catch
        {
            _abandoned = Abandon(making);
            throw;
        }
    }

    private async Task Abandon(Task<McpClient> making)
    {
        try
        {
            await Close(await making.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            logger.LogDebug("No connection to {Server} was made: {Reason}", settings.Name, words.Clean(e.Message));
        }
    }

    private async Task Close(McpClient client)
    {
        try
        {
            // A session over HTTP says good-bye and waits for the answer, from a server that may answer nothing any more.
            await client.DisposeAsync().AsTask().WaitAsync(ClosesWithin, clock).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // It is given up either way; how it ended is for the log.
            logger.LogDebug("The connection to {Server} did not close cleanly: {Reason}", settings.Name, words.Clean(e.Message));
        }
    }
}
