using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AgentMcp.Fuzz.Inputs;

namespace AgentMcp.Fuzz.Doors;

/// <summary>A real process and its pipes. After every line it is asked something plain, which it must still answer.</summary>
internal sealed class StdioDoor : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agentmcp-fuzz-").FullName;
    private int _asked;

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

        Process = Process.Start(start)!;
        Process.ErrorDataReceived += (_, line) => Trouble = line.Data is { } text && text.Contains("Unhandled", StringComparison.Ordinal) ? text : Trouble;
        Process.BeginErrorReadLine();
    }

    public Process Process { get; }

    private string? Trouble { get; set; }

    public static async Task<StdioDoor> Open()
    {
        var door = new StdioDoor();
        await door.Send("""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"fuzz","version":"1"}}}"""u8.ToArray());
        await door.Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray());
        return door;
    }

    /// <summary>Sends what should be a message. Returns everything that was said until a ping after it was answered.</summary>
    /// <exception cref="UnclearException">Something that is no message came out, or the process has ended.</exception>
    public async Task<IReadOnlyList<JsonElement>> Send(byte[] line)
    {
        var ping = $"probe-{++_asked}";
        var input = Process.StandardInput.BaseStream;
        await input.WriteAsync((byte[])[.. line, (byte)'\n', .. Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":"@0@","method":"ping"}""".With(ping)), (byte)'\n']);
        await input.FlushAsync();
        List<JsonElement> said = [];
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

            if (message.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() == ping)
            {
                return said;
            }

            said.Add(message);
        }
    }

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
