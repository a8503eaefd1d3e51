using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentMcp.Agents.Tests.Models;

/// <summary>
/// A provider on the loopback that answers by script; the last answer repeats. Raw sockets, because a body that breaks
/// off and a server that says nothing are part of what it must play.
/// </summary>
internal sealed class ProviderServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Received> _requests = new();
    private readonly Task _serving;

    public ProviderServer(params Answer[] script)
    {
        _listener.Start();
        Url = $"http://{_listener.LocalEndpoint}";
        _serving = Serve(script);
    }

    public string Url { get; }

    public IReadOnlyList<Received> Requests => [.. _requests];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task Serve(Answer[] script)
    {
        try
        {
            for (var turn = 0; !_stop.IsCancellationRequested; turn++)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                var stream = connection.GetStream();
                _requests.Enqueue(await Read(stream, _stop.Token));
                await Play(script[Math.Min(turn, script.Length - 1)], stream, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private static async Task Play(Answer answer, NetworkStream stream, CancellationToken stop)
    {
        switch (answer)
        {
            case Answer.Http http:
                await stream.WriteAsync(Encoding.UTF8.GetBytes(Head(http.Status, http.Body, http.Headers) + http.Body), stop);
                break;
            case Answer.BreaksOff broken:
                await stream.WriteAsync(Encoding.UTF8.GetBytes(Head(200, broken.Body, []) + broken.Body[..(broken.Body.Length / 2)]), stop);
                break;
            case Answer.Silence silence:
                silence.Meanwhile();
                try
                {
                    await stream.CopyToAsync(Stream.Null, stop);
                }
                catch (IOException)
                {
                    // The client gave up, which is what silence is for.
                }

                break;
        }
    }

    private static string Head(int status, string body, string[] headers) =>
        $"HTTP/1.1 {status} Reason\r\ncontent-type: application/json\r\ncontent-length: {Encoding.UTF8.GetByteCount(body)}\r\nconnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    private static async Task<Received> Read(NetworkStream stream, CancellationToken stop)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, stop);
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers["content-length"], System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, stop);
        return new(lines[0], headers, Encoding.UTF8.GetString(body));
    }
}

internal sealed record Received(string Line, IReadOnlyDictionary<string, string> Headers, string Body);

internal abstract record Answer
{
    public sealed record Http(int Status, string Body, params string[] Headers) : Answer;

    /// <summary>Half of the body that was announced, and then the end.</summary>
    public sealed record BreaksOff(string Body) : Answer;

    /// <summary>Nothing, until the client gives up.</summary>
    public sealed record Silence(Action Meanwhile) : Answer;
}
