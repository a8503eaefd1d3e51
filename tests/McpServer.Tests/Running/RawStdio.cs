using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace AgentMcp.Server.Tests.Running;

/// <summary>A stdio server without a client in between: lines in, lines out.</summary>
public sealed class RawStdio : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly List<JsonElement> _lines = [];

    public RawStdio(string database, IReadOnlyDictionary<string, string>? settings = null, params string[] more)
        : this(RunningServer.Launch(["stdio", .. more], database, settings))
    {
    }

    public RawStdio(Process process) => Process = process;

    public Process Process { get; }

    /// <summary>Every line of standard output so far; each one was JSON.</summary>
    public IReadOnlyList<JsonElement> Lines => _lines;

    public Task Send(string line) => Send(Encoding.UTF8.GetBytes(line));

    public async Task Send(byte[] line)
    {
        await Process.StandardInput.BaseStream.WriteAsync((byte[])[.. line, (byte)'\n'], TestContext.Current.CancellationToken);
        await Process.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The handshake of 2025-11-25.</summary>
    public async Task Initialize(string capabilities = "{}")
    {
        await Send(Hello("\"hello\"", capabilities));
        await Answer("hello");
        await Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
    }

    public static string Hello(string id, string capabilities) => $$"""
        {"jsonrpc":"2.0","id":{{id}},"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{{capabilities}},"clientInfo":{"name":"test","version":"1"} } }
        """;

    public Task Call(string id, string tool, object arguments) => Send(JsonSerializer.Serialize(
        new { jsonrpc = "2.0", id, method = "tools/call", @params = new { name = tool, arguments } }));

    public async Task<JsonElement> Ask(string id, string tool, object arguments)
    {
        await Call(id, tool, arguments);
        return (await Answer(id)).GetProperty("result").GetProperty("structuredContent");
    }

    /// <summary>Reads on until the answer to this request.</summary>
    public async Task<JsonElement> Answer(string id)
    {
        while (true)
        {
            if (_lines.FirstOrDefault(line => line.TryGetProperty("id", out var found) && found.ToString() == id) is { ValueKind: JsonValueKind.Object } answer)
            {
                return answer;
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            // An answer that never comes must fail its test, and not hold up all others.
            var text = await Process.StandardOutput.ReadLineAsync(patience.Token)
                ?? throw new EndOfStreamException($"The server ended before it answered {id}.");
            _lines.Add(JsonElement.Parse(text));
        }
    }

    /// <summary>Closes standard input, reads the rest and returns the exit code.</summary>
    public async Task<int> Close()
    {
        Process.StandardInput.Close();
        while (await Process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } text)
        {
            _lines.Add(JsonElement.Parse(text));
        }

        await Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return Process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            await Process.WaitForExitAsync();
        }

        Process.Dispose();
    }
}
