using AgentMcp.Agents;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tools;

/// <summary>A tool whose result is a thread: it does something, waits as long as it may, and shows where the thread stands.</summary>
internal abstract class ThreadTool(Tool tool, Core core, PausedCalls calls, string channel) : WireTool(tool)
{
    internal AgentHost Host => core.Host;

    internal AccessRules Access => core.Access;

    /// <summary>The page of a request; of the one that is open where none is named; null when this process serves no pages.</summary>
    internal string? PageOf(ThreadId thread, string owner, RequestId? request) =>
        NextMove.PageOf(request?.In(thread) ?? new WaitingFor(Host.Chain(thread, owner)).First?.Id, core.InboxSite);

    /// <summary>Who calls, told from the connection and never from the arguments.</summary>
    internal Guest CallerOf(RequestContext<CallToolRequestParams> request) => Guest.Of(request.User, channel);

    // A call that is made again with what a person said goes on with its thread; nothing is begun a second time.
    protected sealed override Task<CallToolResult> Invoke(RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation) =>
        calls.StateOf(request, CallerOf(request).Principal.Id) is { } state
            ? WaitFor(state.Thread, arguments.Number(Reserved.Wait), request, cancellation, state.Owned, state)
            : Begin(request, arguments, cancellation);

    protected abstract Task<CallToolResult> Begin(RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation);

    /// <param name="owned">The call started the thread: a user who stops the call ends the thread.</param>
    /// <param name="known">The thread as the call left it, where it is known.</param>
    /// <param name="answered">The thread that the call has answered, the one that is waited for or below it, and whose both are.</param>
    internal async Task<CallToolResult> WaitFor(
        ThreadId thread, double? seconds, RequestContext<CallToolRequestParams> request, CancellationToken cancellation, bool owned = false, CallState? state = null, ThreadLog? known = null,
        (ThreadId Thread, string Owner)? answered = null)
    {
        var caller = CallerOf(request);
        using var call = owned ? calls.Cancellations.Watch(request) : null;
        try
        {
            var (log, note) = await calls.For(thread, caller, seconds, request, owned, state, known, answered, cancellation).ConfigureAwait(false);
            return Show(log, note: note);
        }
        catch (OperationCanceledException) when (call?.CancelledByUser == true)
        {
            await Host.Cancel(thread, caller.Responder, call.Reason).ConfigureAwait(false);
            throw;
        }
    }

    protected CallToolResult Show(ThreadLog log, bool withEvents = false, string note = "") => Shown(core, log, withEvents, note);

    /// <summary>The result of every call that concerns this thread, as it stands.</summary>
    internal static CallToolResult Shown(Core core, ThreadLog log, bool withEvents = false, string note = "")
    {
        var waiting = new WaitingFor(core.Host.Chain(log));
        var json = ThreadResult.Json(waiting, core.Host.AgentOf, core.Settings.Approvals, withEvents, core.InboxSite);
        var result = Result(note + NextMove.Sentence(waiting), json, isError: log.Thread.Status == ThreadStatus.Failed);
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
