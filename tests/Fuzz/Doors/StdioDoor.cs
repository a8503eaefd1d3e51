using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentMcp.Fuzz.Inputs;
using AgentMcp.Server.Protocol;

namespace AgentMcp.Fuzz.Doors;

/// <summary>A real process and its pipes. After every line it is asked something plain, which it must still answer.</summary>
internal sealed class StdioDoor : IAsyncDisposable
{
    /// <summary>192 MB, in the runtime's hexadecimal. Large messages leave buffers for the next ones, about as much for each thread of the pool.</summary>
    private const string MostHeap = "0xC000000";

    private const int MostLines = 12;
    private const int FewLines = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("agentmcp-fuzz-").FullName;
    private readonly ConcurrentQueue<string> _errors = new();
    private int _asked;
    private int _sinceCancelled;

    private StdioDoor()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "agentmcp.dll"), "stdio"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        foreach (var (name, value) in new[] { ("DB", Path.Combine(_folder, "threads.db")), ("MODEL", "rules"), ("AGENTS_HOME", "off"), ("WAIT", "0"), ("MAX_WAIT", "0") })
        {
            start.Environment["AGENTMCP_" + name] = value;
        }

        // What a process of its own holds beyond use cannot be seen from here. With this much room, what leaks soon ends it.
        start.Environment["DOTNET_GCHeapHardLimit"] = MostHeap;
        Process = Process.Start(start)!;
        Process.ErrorDataReceived += (_, line) => Note(line.Data);
        Process.BeginErrorReadLine();
    }

    public Process Process { get; }

    // What it said before it ended, without what becomes of threads.
    private string Trouble => string.Join(" | ", _errors);

    public static async Task<StdioDoor> Open()
    {
        var door = new StdioDoor();
        await door.Send("""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"fuzz","version":"1"}}}"""u8.ToArray());
        await door.Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray());
        return door;
    }

    /// <summary>Sends what should be a message. Returns everything that was said until it, if it is a request, and a ping after it were answered.</summary>
    /// <exception cref="UnclearException">Something that is no message came out, or the process has ended.</exception>
    public async Task<IReadOnlyList<JsonElement>> Send(byte[] line)
    {
        var ping = $"probe-{++_asked}";
        var input = Process.StandardInput.BaseStream;
        await input.WriteAsync((byte[])[.. line, (byte)'\n', .. Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":"@0@","method":"ping"}""".With(ping)), (byte)'\n']);
        await input.FlushAsync();
        List<JsonElement> said = [];
        HashSet<string> awaited = [Quoted(ping)];
        // Messages are handled side by side: a cancellation may come to the next request of the same id, which is then not answered.
        _sinceCancelled = line.AsSpan().IndexOf("cancelled"u8) >= 0 ? 0 : _sinceCancelled + 1;
        if (_sinceCancelled > FewLines && IdOf(line) is { } own)
        {
            awaited.Add(own);
        }

        while (true)
        {
            var text = await Process.StandardOutput.ReadLineAsync() ?? throw new UnclearException($"the process has ended: {Trouble}");
            JsonElement message;
            try
            {
                message = JsonElement.Parse(Clear.Check(text));
            }
            catch (JsonException)
            {
                throw new UnclearException($"standard output holds what is no message: {text}");
            }

            var id = message.TryGetProperty("method", out _) || !message.TryGetProperty("id", out var answered) ? null : Id(answered);
            if (id != Quoted(ping))
            {
                said.Add(message);
            }

            // What cannot be read is answered without an id.
            awaited.Remove(id ?? "");
            if (awaited.Count == 0)
            {
                return said;
            }
        }
    }

    private void Note(string? line)
    {
        if (line is { Length: > 0 } && !line.Contains(" info: ", StringComparison.Ordinal))
        {
            _errors.Enqueue(line.Length > 300 ? line[..300] : line);
        }

        while (_errors.Count > MostLines)
        {
            _errors.TryDequeue(out _);
        }
    }

    // Of a request that is one by every rule; whatever is less may go without an answer of its own.
    private static string? IdOf(byte[] line)
    {
        if (MessageText.Problem(line) is not null || MessageText.Twice(line) is not null)
        {
            return null;
        }

        var message = JsonElement.Parse(line);
        return message.TryGetProperty("method", out _) && message.TryGetProperty("id", out var id) && !message.TryGetProperty("result", out _) && !message.TryGetProperty("error", out _) ? Id(id) : null;
    }

    private static string? Id(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => Quoted(id.GetString()!),
        // As it comes back: -0 does so as 0.
        JsonValueKind.Number when id.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            await Process.WaitForExitAsync();
        }

        Process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
