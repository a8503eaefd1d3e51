using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>What a call that asked for input has to know when it is made again. It travels through the client, signed.</summary>
/// <param name="Owner">The thread that asks: the call's own, or one it waits for.</param>
/// <param name="Call">The tool and its arguments: the state is of no use in another call.</param>
/// <param name="Round">How often the call has asked so far.</param>
/// <param name="Owned">The call started the thread, so stopping the call ends it.</param>
internal sealed record CallState(ThreadId Thread, ThreadId Owner, RequestId Request, string Principal, string Call, int Round, bool Owned);

/// <summary>
/// Signs states and tells what came back. A client can keep a state, send it twice or to another process, but not
/// make one, change one or use another's. Replay is harmless because a request takes one answer only.
/// </summary>
internal sealed class CallStates(Func<byte[]> key, TimeSpan lifetime, TimeProvider clock)
{
    private const string Purpose = "agentmcp call state 1\n";
    private readonly Lazy<byte[]> _key = new(key, LazyThreadSafetyMode.PublicationOnly);

    public static string CallOf(string tool, JsonText arguments) => ActionDigest.Of(tool, arguments);

    public string Sign(CallState state)
    {
        var payload = Encoding.UTF8.GetBytes(JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("thread", state.Thread.Value);
            writer.WriteString("request", state.Request.In(state.Owner));
            writer.WriteString("principal", state.Principal);
            writer.WriteString("call", state.Call);
            writer.WriteNumber("round", state.Round);
            writer.WriteBoolean("owned", state.Owned);
            writer.WriteNumber("expires", (clock.GetUtcNow() + lifetime).ToUnixTimeMilliseconds());
            writer.WriteEndObject();
        }).Text);
        return $"{Base64Url.EncodeToString(payload)}.{Base64Url.EncodeToString(Mac(payload))}";
    }

    /// <exception cref="McpProtocolException">It is not a state of this server for this principal and call, or no longer.</exception>
    /// <exception cref="RefusedException">There is no key.</exception>
    public CallState Read(string text, string principal, string call)
    {
        const string Unknown = "The requestState is not one that this server gave. Call the tool again without it.";
        if (Verified(text) is not { } payload || !RequestId.TryParse(payload.GetProperty("request").GetString(), out var owner, out var request)
            || !ThreadId.TryParse(payload.GetProperty("thread").GetString(), out var thread))
        {
            throw Refused(Unknown);
        }

        var state = new CallState(thread, owner, request, payload.GetProperty("principal").GetString()!, payload.GetProperty("call").GetString()!,
            payload.GetProperty("round").GetInt32(), payload.GetProperty("owned").GetBoolean());
        return state switch
        {
            _ when state.Principal != principal => throw Refused(Unknown),
            _ when state.Call != call => throw Refused("The requestState belongs to a call of another tool or with other arguments. Make the same call again, or one without it."),
            _ when payload.GetProperty("expires").GetInt64() <= clock.GetUtcNow().ToUnixTimeMilliseconds() => throw Refused(
                $"The requestState has expired; nothing was lost. Call wait_thread with thread_id \"{thread}\" to see where the thread stands."),
            _ => state,
        };
    }

    private JsonElement? Verified(string text)
    {
        var parts = text.Split('.');
        return parts is [var first, var second] && Base64Url.IsValid(first) && Base64Url.IsValid(second)
            && Base64Url.DecodeFromChars(first) is var payload
            && CryptographicOperations.FixedTimeEquals(Mac(payload), Base64Url.DecodeFromChars(second))
                ? JsonElement.Parse(payload) : null;
    }

    private byte[] Mac(byte[] payload) => HMACSHA256.HashData(_key.Value, (byte[])[.. Encoding.UTF8.GetBytes(Purpose), .. payload]);

    private static McpProtocolException Refused(string message) => new(message, McpErrorCode.InvalidParams);
}
