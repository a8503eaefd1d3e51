using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AgentMcp.Server.Hosting;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// A transport on which questions of the server reach us as they are. The SDK's client answers <c>input_required</c>
/// itself, at once and from memory; ours may take days and a restart. So such a result passes under another name, and
/// <c>elicitation/create</c> is taken off the wire here. Secrets of the configuration come no further than this.
/// </summary>
internal sealed class RawTransport(IClientTransport inner, KnownSecrets secrets, Func<JsonRpcRequest, CancellationToken, Task<JsonNode>> elicit) : IClientTransport
{
    public const string ResultType = "resultType";
    public const string InputRequired = "input_required";
    private const string Hidden = "agentmcp/input_required";

    public string Name => inner.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Session(await inner.ConnectAsync(cancellationToken).ConfigureAwait(false), secrets, elicit);

    /// <summary>What kind of result this is: <c>input_required</c>, <c>task</c>, or complete.</summary>
    public static string KindOf(JsonNode? result) => (result?[ResultType] as JsonValue)?.ToString() switch
    {
        Hidden => InputRequired,
        null => "complete",
        var other => other,
    };

    private sealed class Session : ITransport
    {
        private readonly ITransport _inner;
        private readonly KnownSecrets _secrets;
        private readonly Func<JsonRpcRequest, CancellationToken, Task<JsonNode>> _elicit;
        private readonly Channel<JsonRpcMessage> _messages = Channel.CreateUnbounded<JsonRpcMessage>();
        private readonly CancellationTokenSource _closed = new();
        private readonly Task _reading;

        public Session(ITransport inner, KnownSecrets secrets, Func<JsonRpcRequest, CancellationToken, Task<JsonNode>> elicit)
        {
            (_inner, _secrets, _elicit) = (inner, secrets, elicit);
            _reading = Task.Run(Read);
        }

        public string? SessionId => _inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => _messages.Reader;

        // A session of before 2026-07-28 is told once what its client can do.
        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            if (message is JsonRpcRequest { Method: RequestMethods.Initialize, Params: JsonObject parameters })
            {
                var capabilities = parameters["capabilities"] as JsonObject ?? [];
                capabilities["elicitation"] = new JsonObject();
                parameters["capabilities"] = capabilities;
            }

            return _inner.SendMessageAsync(message, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _closed.CancelAsync().ConfigureAwait(false);
            await _inner.DisposeAsync().ConfigureAwait(false);
            await _reading.ConfigureAwait(false);
            _closed.Dispose();
        }

        private async Task Read()
        {
            try
            {
                await foreach (var message in _inner.MessageReader.ReadAllAsync(_closed.Token).ConfigureAwait(false))
                {
                    Clean(message);
                    if (message is JsonRpcRequest { Method: RequestMethods.ElicitationCreate } asked)
                    {
                        _ = Task.Run(() => Answer(asked));
                        continue;
                    }

                    if (message is JsonRpcResponse { Result: JsonObject result } && KindOf(result) == InputRequired)
                    {
                        result[ResultType] = Hidden;
                    }

                    _messages.Writer.TryWrite(message);
                }

                _messages.Writer.TryComplete();
            }
            catch (Exception e)
            {
                // The reader of these messages is told; when it was we who closed, there is nothing to tell.
                _messages.Writer.TryComplete(_closed.IsCancellationRequested ? null : e);
            }
        }

        // Before anything of it is stored, told to a model or shown. What cannot be read is the trouble of whoever waits for
        // this one message: an exception here would end the connection for all.
        private void Clean(JsonRpcMessage message)
        {
            switch (message)
            {
                case JsonRpcResponse response:
                    response.Result = response.Result is null ? null : Cleaned(response.Result) ?? Unreadable();
                    break;
                case JsonRpcRequest request:
                    request.Params = Cleaned(request.Params);
                    break;
                case JsonRpcNotification notification:
                    notification.Params = Cleaned(notification.Params);
                    break;
            }
        }

        private JsonObject? Cleaned(JsonNode? node)
        {
            try
            {
                var read = ReadableJson.Of(node) as JsonObject;
                _secrets.Clean(read);
                return read;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or JsonException)
            {
                return null;
            }
        }

        // It was answered, so what was called has an outcome, of which this is all that is known.
        private static JsonObject Unreadable() => new() { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = ReadableJson.Unreadable }) };

        private async Task Answer(JsonRpcRequest asked)
        {
            JsonRpcMessage reply;
            try
            {
                reply = new JsonRpcResponse { Id = asked.Id, Result = await _elicit(asked, _closed.Token).ConfigureAwait(false) };
            }
            catch (OperationCanceledException) when (_closed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                reply = new JsonRpcError { Id = asked.Id, Error = new() { Code = (int)McpErrorCode.InternalError, Message = e.Message } };
            }

            await _inner.SendMessageAsync(reply, _closed.Token).ConfigureAwait(false);
        }
    }
}
