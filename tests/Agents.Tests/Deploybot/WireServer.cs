using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AgentMcp.Agents.Tests;

/// <summary>
/// A web server on 127.0.0.1 that keeps every request as it came over the wire and answers from a script: by request
/// line, the answers in order, the last one again and again.
/// </summary>
public sealed class WireServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, Queue<(int Status, string? Body)>> _script = new(StringComparer.Ordinal);

    public WireServer()
    {
        _listener.Start();
        _ = Task.Run(Serve);
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The request lines alone, without the version.</summary>
    public IEnumerable<string> Lines => Requests.Select(request => string.Join(' ', request.Split('\n')[0].Split(' ')[..2]));

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <param name="body">Null hangs up without an answer.</param>
    public WireServer Answers(string line, string? body, int status = 200)
    {
        if (!_script.TryGetValue(line, out var answers))
        {
            _script[line] = answers = new();
        }

        answers.Enqueue((status, body));
        return this;
    }

    public void Dispose() => _listener.Dispose();

    private async Task Serve()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await Answer(client.GetStream());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // The client went away; the next one may not.
            }
        }
    }

    private async Task Answer(NetworkStream stream)
    {
        var request = await Read(stream);
        Requests.Enqueue(request);
        var line = string.Join(' ', request.Split('\n')[0].Split(' ')[..2]);
        var (status, body) = _script.TryGetValue(line, out var answers) ? (answers.Count > 1 ? answers.Dequeue() : answers.Peek()) : (500, $"no script for {line}");
        if (body is null)
        {
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(body);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\n{(status == 204 ? "" : $"Content-Length: {bytes.Length}\r\n")}Connection: close\r\n\r\n"));
        await stream.WriteAsync(bytes);
    }

    private static async Task<string> Read(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var count = await stream.ReadAsync(buffer);
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            var soFar = text.ToString();
            var end = soFar.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (count == 0 || (end >= 0 && soFar.Length - end - 4 >= Length(soFar)))
            {
                return soFar.Replace("\r\n", "\n", StringComparison.Ordinal);
            }
        }
    }

    private static int Length(string head) => head.Split("\r\n")
        .Where(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))
        .Select(line => int.Parse(line["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
}
