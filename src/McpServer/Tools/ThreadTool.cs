using AgentMcp.Agents;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tools;

/// <summary>A tool whose result is a thread: it does something, waits as long as it may, and shows where the thread stands.</summary>
internal abstract class ThreadTool(Tool tool, Core core, WaitingCalls waiting, string channel) : WireTool(tool)
{
    internal AgentHost Host => core.Host;

    /// <summary>Who calls, told from the connection and never from the arguments.</summary>
    internal Responder CallerOf(RequestContext<CallToolRequestParams> request) =>
        new(request.User?.Identity?.Name ?? Principals.Local, channel);

    internal async Task<CallToolResult> WaitFor(ThreadId thread, double? seconds, RequestContext<CallToolRequestParams> request, CancellationToken cancellation) =>
        Show(await waiting.For(thread, CallerOf(request).By, seconds, request, cancellation).ConfigureAwait(false));

    protected CallToolResult Show(ThreadLog log, bool withEvents = false, string note = "") => Shown(core, log, withEvents, note);

    /// <summary>The result of every call that concerns this thread, as it stands.</summary>
    internal static CallToolResult Shown(Core core, ThreadLog log, bool withEvents = false, string note = "")
    {
        var json = ThreadResult.Json(log, core.Host.AgentOf(log.Thread), core.Settings.Approvals, withEvents);
        var result = Result(note + NextMove.Sentence(log.Thread), json, isError: log.Thread.Status == ThreadStatus.Failed);
        if (ThreadResult.IsLong(log.Thread))
        {
            result.Content.Add(new ResourceLinkBlock { Uri = $"thread://{log.Thread.Id}/output", Name = "output", MimeType = "application/json" });
        }

        return result;
    }
}

internal static class Principals
{
    /// <summary>Whoever uses this machine: over stdio, over the loopback without authentication, and at the terminal.</summary>
    public const string Local = "local";
}
