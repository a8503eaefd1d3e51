using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace AgentMcp.Server.Tests.Running;

/// <summary>
/// A client of 2026-07-28 that sends and reads messages as they are, over either transport, to a process of its own or
/// to an HTTP server that is there already. Every request carries its own capabilities.
/// </summary>
public abstract class ModernClient : IAsyncDisposable
{
    public const string WithTasks = """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""";
    public const string WithForms = """{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}}""";
    private int _last;

    public static async Task<ModernClient> Start(Transport transport, string database, IReadOnlyDictionary<string, string>? settings = null)
    {
        var process = RunningServer.Launch(transport == Transport.Stdio ? ["stdio"] : ["http", "--port", "0"], database, settings);
        return transport == Transport.Stdio ? new OverPipes(process)
            : new OverHttp(process, new Uri((await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[^1]));
    }

    public static ModernClient Of(Uri url) => new OverHttp(null, url);

    public abstract Process? Process { get; }

    /// <summary>The whole answer to a request.</summary>
    public async Task<JsonElement> Ask(string method, JsonObject parameters, string capabilities = "{}")
    {
        var (id, message) = Message(method, parameters, capabilities);
        return await Exchange(id, message);
    }

    public Task<JsonElement> Call(string tool, object arguments, string capabilities = "{}") =>
        Ask("tools/call", new() { ["name"] = tool, ["arguments"] = JsonSerializer.SerializeToNode(arguments) }, capabilities);

    /// <summary>The structured content of a plain result.</summary>
    public async Task<JsonElement> Do(string tool, object arguments, string capabilities = "{}") =>
        (await Call(tool, arguments, capabilities)).GetProperty("result").GetProperty("structuredContent");

    /// <param name="notifications">The filter, as JSON.</param>
    public async Task<Stream> Listen(string notifications, string capabilities = "{}")
    {
        var (id, message) = Message("subscriptions/listen", new() { ["notifications"] = JsonNode.Parse(notifications) }, capabilities);
        return new(await Open(id, message));
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task<JsonElement> Exchange(int id, JsonObject message);

    protected abstract Task<ChannelReader<JsonElement>> Open(int id, JsonObject message);

    protected static async Task End(Process? process)
    {
        if (process is null)
        {
            return;
        }

        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private (int Id, JsonObject Message) Message(string method, JsonObject parameters, string capabilities)
    {
        var id = Interlocked.Increment(ref _last);
        parameters["_meta"] = new JsonObject
        {
            ["io.modelcontextprotocol/protocolVersion"] = Ways.Newest,
            ["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
            ["io.modelcontextprotocol/clientCapabilities"] = JsonNode.Parse(capabilities),
        };
        return (id, new() { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters });
    }

    /// <summary>What a <c>subscriptions/listen</c> brings: notifications, and its answer when the server ends it.</summary>
    public sealed class Stream(ChannelReader<JsonElement> messages)
    {


        public ValueTask<JsonElement> Next() => messages.ReadAsync(TestContext.Current.CancellationToken);

        /// <summary>Reads on until a message fits.</summary>
        public async Task<JsonElement> Until(Func<JsonElement, bool> fits)
        {
            var message = await Next();
            while (!fits(message))
            {
                message = await Next();
            }

            return message;
        }

        /// <summary>Reads on until the task has this status, and returns the notification's parameters.</summary>
        public async Task<JsonElement> UntilTask(string status) => (await Until(message =>
            message.TryGetProperty("params", out var parameters) && parameters.TryGetProperty("status", out var found) && found.GetString() == status)).GetProperty("params");
    }

    private sealed class OverPipes : ModernClient
    {
        private readonly Process _process;
        private readonly ConcurrentDictionary<int, Channel<JsonElement>> _open = new();

        public OverPipes(Process process)
        {
            _process = process;
            _ = Task.Run(Read);
        }

        public override Process Process => _process;

        protected override async Task<JsonElement> Exchange(int id, JsonObject message) =>
            await (await Open(id, message)).ReadAsync(TestContext.Current.CancellationToken);

        protected override async Task<ChannelReader<JsonElement>> Open(int id, JsonObject message)
        {
            var channel = _open[id] = Channel.CreateUnbounded<JsonElement>();
            await _process.StandardInput.WriteLineAsync(message.ToJsonString().AsMemory(), TestContext.Current.CancellationToken);
            await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            return channel.Reader;
        }

        public override async ValueTask DisposeAsync() => await End(_process);

        private async Task Read()
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                var message = JsonElement.Parse(line);
                var id = message.TryGetProperty("id", out var answered) ? answered
                    : message.GetProperty("params").GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId");
                await _open[id.GetInt32()].Writer.WriteAsync(message);
            }

            foreach (var channel in _open.Values)
            {
                channel.Writer.TryComplete(new EndOfStreamException("The server has ended."));
            }
        }
    }

    private sealed class OverHttp(Process? process, Uri url) : ModernClient
    {
        private readonly HttpClient _http = new();

        public override Process? Process => process;

        protected override async Task<JsonElement> Exchange(int id, JsonObject message) =>
            await (await Open(id, message)).ReadAsync(TestContext.Current.CancellationToken);

        protected override async Task<ChannelReader<JsonElement>> Open(int id, JsonObject message)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(message.ToJsonString(), Encoding.UTF8, "application/json") };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            request.Headers.Add("MCP-Protocol-Version", Ways.Newest);
            request.Headers.Add("Mcp-Method", message["method"]!.GetValue<string>());
            if ((message["params"]!["name"] ?? message["params"]!["taskId"] ?? message["params"]!["uri"])?.GetValue<string>() is { } name)
            {
                request.Headers.Add("Mcp-Name", name);
            }

            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            var channel = Channel.CreateUnbounded<JsonElement>();
            _ = Task.Run(() => Read(answer, channel.Writer));
            return channel.Reader;
        }

        public override async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await End(process);
        }

        private static async Task Read(HttpResponseMessage answer, ChannelWriter<JsonElement> messages)
        {
            try
            {
                using (answer)
                {
                    using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
                    while (await reader.ReadLineAsync() is { } line)
                    {
                        var json = line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : line;
                        if (json.StartsWith('{'))
                        {
                            await messages.WriteAsync(JsonElement.Parse(json));
                        }
                    }
                }

                messages.TryComplete(new EndOfStreamException("The stream has ended."));
            }
            catch (Exception e)
            {
                messages.TryComplete(e);
            }
        }
    }
}
