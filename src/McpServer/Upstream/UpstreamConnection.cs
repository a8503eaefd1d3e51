using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<UpstreamLine, bool> _lines = new();
    private volatile UpstreamLine? _line;
    // By the time that passes, and not by the time of day: that may be put right.
    private (int Failures, long At, TimeSpan Pause, string Reason) _trouble = (0, 0, TimeSpan.Zero, "");

    /// <exception cref="UnreachableException">It cannot be made, or was tried a moment ago.</exception>
    public async Task<McpClient> Open(CancellationToken cancellation) => (await Line(cancellation).ConfigureAwait(false)).Client;

    /// <summary>
    /// Makes a request. A connection that turned out to be broken is used for no further one, and is closed once nobody waits
    /// for an answer over it any more.
    /// </summary>
    /// <param name="breaks">Whether the connection may be to blame.</param>
    /// <exception cref="UnreachableException">It cannot be made.</exception>
    public async Task<T> Request<T>(Func<McpClient, Task<T>> request, Func<Exception, bool> breaks, CancellationToken cancellation)
    {
        var line = await Line(cancellation).ConfigureAwait(false);
        while (!line.Enter())
        {
            cancellation.ThrowIfCancellationRequested();
            line = await Line(cancellation).ConfigureAwait(false);
        }

        try
        {
            var result = await request(line.Client).ConfigureAwait(false);
            // Whoever has its answer does not wait for the end of the line.
            _ = Leave(line);
            return result;
        }
        catch (Exception e)
        {
            if (breaks(e))
            {
                line.GiveUp();
                Interlocked.CompareExchange(ref _line, null, line);
            }

            await Leave(line).ConfigureAwait(false);
            throw;
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
            // One that takes its time to close is used no more.
            _line = null;
            await Task.WhenAll(_lines.Keys.Select(Close)).ConfigureAwait(false);
            await _abandoned.WaitAsync(ClosesWithin, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<UpstreamLine> Line(CancellationToken cancellation)
    {
        if (_line is { IsAlive: true } alive)
        {
            return alive;
        }

        if (_ending.IsCancellationRequested)
        {
            throw Ending();
        }

        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_ending.IsCancellationRequested)
            {
                throw Ending();
            }

            if (_line is { IsAlive: true } made)
            {
                return made;
            }

            if (clock.GetElapsedTime(_trouble.At) < _trouble.Pause)
            {
                throw new UnreachableException(_trouble.Reason);
            }

            if (_line is { } broken)
            {
                _line = null;
                await Close(broken).ConfigureAwait(false);
            }

            var line = new UpstreamLine(await Start(cancellation).ConfigureAwait(false));
            _lines[line] = true;
            return _line = line;
        }
        finally
        {
            _turn.Release();
        }
    }

    // In turn, so that a program has ended before it is started anew.
    private async Task Leave(UpstreamLine line)
    {
        if (!line.Leave())
        {
            return;
        }

        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await Close(line).ConfigureAwait(false);
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
            _trouble = (0, 0, TimeSpan.Zero, "");
            return client;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var failure = _ending.IsCancellationRequested ? Ending(e)
                : limit.IsCancellationRequested ? new UnreachableException($"the MCP server '{settings.Name}' did not start within {startTimeout.TotalSeconds:0} seconds{words.Last}", e) : Unreachable(e);
            _trouble = (_trouble.Failures + 1, clock.GetTimestamp(), TimeSpan.FromSeconds(Math.Min(LongestPause, Math.Pow(2, _trouble.Failures - 1))), failure.Message);
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

    private async Task Close(UpstreamLine line)
    {
        if (line.BeginsToClose())
        {
            _lines.TryRemove(line, out _);
            await Close(line.Client).ConfigureAwait(false);
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
