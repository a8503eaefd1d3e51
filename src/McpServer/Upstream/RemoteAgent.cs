using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// An agent of another AgentMcp server as a tool. A call starts one thread there, under a key made of the call's own;
/// what that thread asks is passed on, and answers go to its <c>resume_thread</c>. Where the two stand is in both logs,
/// so either side may restart, and while the other cannot be reached or does not answer nothing is given up.
/// </summary>
/// <param name="patience">How long one run of a call may take.</param>
internal sealed class RemoteAgent(UpstreamServer server, ServerTool agent, TimeSpan patience, TimeProvider clock, ILogger logger)
{
    private const double LookSeconds = 5;

    // The remote runs on by itself: this call only learns its id, and stores it before anything else is asked.
    public async Task<ToolOutcome> Run(ToolCall call, CancellationToken cancellation)
    {
        var at = RemoteState.Of(call.Relayed);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = GoOn(call, at, limit.Token);
        try
        {
            return await work.WaitAsync(patience, clock, cancellation).ConfigureAwait(false);
        }
        // The request may have got there, and what it began goes on: given up here, it would be begun a second time. Letting go
        // of a request is no stop by a user: over HTTP it closes the connection, over pipes nothing is said.
        catch (TimeoutException)
        {
            await limit.CancelAsync().ConfigureAwait(false);
            return Waits(at with { IsUntouched = false }, $"the MCP server '{server.Settings.Name}' has not answered within {patience.TotalSeconds:0} s. It is tried again until it does.");
        }
        // It was not even asked, so the call can simply fail; anything else is kept until the server is there again.
        catch (ToolException e) when (e is UnreachableException and not (TurnedAwayException or NotNowException) && call.Attempt == 1 && call.Relayed is null)
        {
            throw new ToolException(e.Message, e);
        }
        catch (Exception e) when (e is UnreachableException or ConnectionLostException)
        {
            // What the server turned away, or was not there for, has surely not got there; of anything else nobody knows.
            var isUntouched = IsFirst(call) && e is UnreachableException and not NotNowException;
            return Waits(at with { IsUntouched = isUntouched }, $"{e.Message.TrimEnd('.')}. It is tried again until the server is there.");
        }
    }

    /// <summary>Whether the remote thread has something new for us.</summary>
    public async Task<bool> Moved(ToolCall call, CancellationToken cancellation)
    {
        var at = RemoteState.Of(call.Relayed);
        if (at.Thread is null || at.Answer is not null)
        {
            // It waits for the server alone.
            await server.Tools(cancellation).ConfigureAwait(false);
            return true;
        }

        var shown = await (at.Request is null ? Ask("wait_thread", new() { ["thread_id"] = at.Thread, ["wait_seconds"] = LookSeconds }, cancellation)
            : Ask("get_thread", new() { ["thread_id"] = at.Thread }, cancellation)).ConfigureAwait(false);
        return shown.RefusalOfTheMoment is { } moment ? throw new NotNowException(moment)
            : shown.Refusal is not null || (at.Request is null ? shown.HasEnded || shown.Request is not null : shown.HasEnded || !shown.Asks(at.Request));
    }

    /// <summary>Cancels the remote thread. The same key finds it, should its id never have reached us.</summary>
    public async Task End(ToolCall call, CancellationToken cancellation)
    {
        var at = RemoteState.Of(call.Relayed);
        // No thread, unless a run that was cut off since began one.
        if (at.IsUntouched && call.Attempt == 0)
        {
            return;
        }

        try
        {
            var found = at.Thread is null ? Said(await Start(call, mayHaveBegun: true, cancellation).ConfigureAwait(false)) : null;
            if ((at.Thread ?? found!.Thread) is { } thread)
            {
                Said(await Ask("cancel_thread", new() { ["thread_id"] = thread, ["reason"] = $"{call.Thread}, which called this, has ended" }, cancellation).ConfigureAwait(false));
            }
            else
            {
                Left(call, found!.Refusal);
            }
        }
        // It will say the same each time.
        catch (ToolException e) when (e is UnknownThereException || e.InnerException is RefusedThereException)
        {
            Left(call, e.Message);
        }
    }

    private void Left(ToolCall call, string? why) =>
        logger.LogWarning("Whatever {Thread}/{Call} began at {Agent} is left to itself: {Reason}", call.Thread, call.Id, agent.Name, why);

    private async Task<ToolOutcome> GoOn(ToolCall call, RemoteState at, CancellationToken cancellation) => at switch
    {
        { Thread: null } => RemoteOutcome.Of(agent, await Start(call, !IsFirst(call), cancellation).ConfigureAwait(false)),
        { Answer: { } answer } => await HandOver(at, answer, cancellation).ConfigureAwait(false),
        _ => await Current(at, cancellation: cancellation).ConfigureAwait(false),
    };

    // What was asked there is withdrawn here by then: whatever is asked when it is back is passed on anew.
    private ToolOutcome.Asked Waits(RemoteState at, string why) =>
        new(RequestKind.Child, $"Waits for {agent.Name}: {why}", new((at.Answer is null ? at with { Request = null } : at).Json, at.Thread));

    // Of the runs before, none can have begun anything.
    private static bool IsFirst(ToolCall call) => call.Attempt == 1 && (call.Relayed is null || RemoteState.Of(call.Relayed).IsUntouched);

    private async Task<RemoteThread> Start(ToolCall call, bool mayHaveBegun, CancellationToken cancellation)
    {
        try
        {
            return await Ask(agent.Tool, Keyed(Input()), cancellation).ConfigureAwait(false);
        }
        // The agent is gone there, and what it began is not: that is found under the key.
        catch (UnknownThereException) when (mayHaveBegun)
        {
            return await Ask("invoke_agent", Keyed(new() { ["agent"] = agent.Tool, ["input"] = Input() }), cancellation).ConfigureAwait(false);
        }
        // So it was the first time too; of what else came before nobody knows whether it began something.
        catch (NotNowException e) when (e.InnerException is RefusedThereException refused && !mayHaveBegun)
        {
            throw refused;
        }

        JsonObject Input() => (JsonObject)JsonNode.Parse(call.Arguments.Text)!;

        JsonObject Keyed(JsonObject arguments)
        {
            arguments["idempotency_key"] = $"agentmcp:{call.IdempotencyKey}";
            arguments["wait_seconds"] = 0;
            return arguments;
        }
    }

    private async Task<ToolOutcome> HandOver(RemoteState at, RequestAnswered answer, CancellationToken cancellation)
    {
        try
        {
            var shown = Said(await Ask("resume_thread", at.Resumed(answer), cancellation).ConfigureAwait(false));
            return shown.Refusal switch
            {
                null => RemoteOutcome.Of(agent, shown),
                // What is asked there now says how it goes on: it was answered there first, or the answer does not count.
                { } refusal => await Current(at, refusal, cancellation).ConfigureAwait(false),
            };
        }
        // Too large for it, say: it never will count.
        catch (NotNowException e) when (e.InnerException is RefusedThereException)
        {
            return await Current(at, e.Message, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<ToolOutcome> Current(RemoteState at, string? refusal = null, CancellationToken cancellation = default)
    {
        var shown = await Ask("get_thread", new() { ["thread_id"] = at.Thread }, cancellation).ConfigureAwait(false);
        return shown.LongOutput is { } uri
            ? new ToolOutcome.Returned(await Read(uri, cancellation).ConfigureAwait(false))
            : RemoteOutcome.Of(agent, shown, refusal);
    }

    // No forms and no tasks are offered to it: the plain result is what can be kept.
    private async Task<RemoteThread> Ask(string tool, JsonObject arguments, CancellationToken cancellation) =>
        new(await Send("tools/call", new() { ["name"] = tool, ["arguments"] = arguments }, cancellation).ConfigureAwait(false));

    // What it cannot do for the moment is asked again, and not taken for done.
    private static RemoteThread Said(RemoteThread shown) => shown.RefusalOfTheMoment is { } moment ? throw new NotNowException(moment) : shown;

    private async Task<JsonText> Read(string uri, CancellationToken cancellation)
    {
        var read = await Send("resources/read", new() { ["uri"] = uri }, cancellation).ConfigureAwait(false);
        return JsonText.Parse(read["contents"]?[0]?["text"]?.ToString() ?? "null");
    }

    // An error of its own says nothing of the thread, which it has.
    private async Task<JsonObject> Send(string method, JsonObject parameters, CancellationToken cancellation)
    {
        try
        {
            return await server.Send(method, parameters, cancellation).ConfigureAwait(false);
        }
        catch (ToolException e) when (e is not (UnknownThereException or UnreachableException))
        {
            throw new NotNowException(e.Message, e);
        }
    }
}
