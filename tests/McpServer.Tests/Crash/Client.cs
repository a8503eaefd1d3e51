using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>
/// The host and the person of one deployment. Whoever dies, they only ever do what a real client can: repeat the call
/// that got no reply, with the same key or request, and go on from what comes back.
/// </summary>
/// <param name="inDoubt">What the person answers when asked what became of a call.</param>
internal sealed class Client(string message, Func<JsonElement, object> inDoubt, string? rejection = null)
{
    private (string Tool, object Arguments) _call = ("deploybot", new { message, idempotency_key = "one deployment" });
    private string? _rejection = rejection;

    /// <summary>Answers whatever is asked until the thread has ended.</summary>
    public async Task<JsonElement> Drive(RunningServer server) => await Drive(server, until: _ => false);

    /// <param name="until">A state to stop at, before it is answered.</param>
    public async Task<JsonElement> Drive(RunningServer server, Func<JsonElement, bool> until)
    {
        while (true)
        {
            var seen = await server.Ask(_call.Tool, _call.Arguments);
            var status = seen.GetProperty("status").GetString();
            if (status != "pending" || until(seen))
            {
                // A call waits long enough for every step of a test: what still runs then is stuck.
                return status != "running" ? seen : throw new TimeoutException(seen.GetRawText());
            }

            _call = ("resume_thread", Answer(seen.GetProperty("thread_id").GetString()!, seen.GetProperty("requests")[0]));
        }
    }

    private object Answer(string thread_id, JsonElement request)
    {
        var request_id = request.GetProperty("id").GetString();
        if (request.GetProperty("kind").GetString() == "in_doubt")
        {
            return new { thread_id, request_id, response = inDoubt(request) };
        }

        if (_rejection is not { } comment)
        {
            return new { thread_id, request_id, approved = true };
        }

        _rejection = null;
        return new { thread_id, request_id, approved = false, comment };
    }
}
