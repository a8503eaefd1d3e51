using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// A call of another server's tool, with whatever it asks in between. <c>input_required</c> is kept in our log and
/// answered by calling again, after any restart; a task is looked after until it ends; a question in the middle of a
/// call of an older session is held in this process, for as long as the server waits.
/// </summary>
/// <param name="holder">This process, as the one that holds calls.</param>
internal sealed class UpstreamTool(UpstreamServer server, ServerTool tool, string? holder)
{
    public async Task<ToolOutcome> Run(ToolCall call, CancellationToken cancellation)
    {
        try
        {
            return UpstreamState.Of(call.Relayed) switch
            {
                { Task: { } task } at => await GoOn(task, at, call, cancellation).ConfigureAwait(false),
                { Held: true } when server.Held.Take(call.IdempotencyKey) is { } asked => await GoOn(asked, call, cancellation).ConfigureAwait(false),
                // That it is to run again was said by a person, or does no harm: then from the beginning.
                { Held: true } when call.Attempt == 1 => throw new OutcomeUnknownException(
                    $"{tool.Name} asked a question in the middle of a call, and the process that held the call is gone or did not go on with it"),
                { Held: true } => await Call(call, null, cancellation).ConfigureAwait(false),
                { Asked: null, RequestState: not null } at => await Call(call, at, cancellation).ConfigureAwait(false),
                { Asked: not null } at => await Call(call, at.With(call.Relayed!), cancellation).ConfigureAwait(false),
                _ => await Call(call, null, cancellation).ConfigureAwait(false),
            };
        }
        catch (ConnectionLostException e)
        {
            throw new OutcomeUnknownException(e.Message, e);
        }
    }

    /// <summary>Whether a task has something new; what is asked in a call is answered by us alone.</summary>
    public async Task<bool> Moved(ToolCall call, CancellationToken cancellation)
    {
        var at = UpstreamState.Of(call.Relayed);
        if (at.Task is not { } task)
        {
            return at is { Asked: null, RequestState: not null };
        }

        try
        {
            var shown = await Get(task, cancellation).ConfigureAwait(false);
            // An answer that it has not got is given again as soon as it can be asked at all.
            return at.Said(call.Relayed!) is not null || ((shown["status"]?.ToString() is not "working" || at.Asked is not null) && !Asks(shown, at.Asked));
        }
        catch (UnknownThereException)
        {
            // It is gone: the server was started anew, or keeps none for so long. The call says what that means.
            return true;
        }
    }

    public async Task End(ToolCall call, CancellationToken cancellation)
    {
        if (UpstreamState.Of(call.Relayed).Task is { } task)
        {
            try
            {
                await server.Send("tasks/cancel", new() { ["taskId"] = task, ["_meta"] = UpstreamMeta.Of(call) }, cancellation, task).ConfigureAwait(false);
            }
            catch (UnknownThereException)
            {
                // It has ended or is gone, so there is nothing to end. Any other refusal may be one of the moment.
            }
        }

        if (server.Held.Take(call.IdempotencyKey) is { } asked)
        {
            asked.Say(HeldQuestion.Nobody);
        }
    }

    private async Task<ToolOutcome> Call(ToolCall call, UpstreamState? at, CancellationToken cancellation)
    {
        if (at is { Left.Count: > 0 })
        {
            return at.Ask();
        }

        var parameters = new JsonObject { ["name"] = tool.Tool, ["arguments"] = JsonNode.Parse(call.Arguments.Text), ["_meta"] = UpstreamMeta.Of(call) };
        if (at is not null)
        {
            parameters["inputResponses"] = at.Responses.DeepClone();
            if (at.RequestState is { } state)
            {
                parameters["requestState"] = state;
            }
        }

        var held = server.Held.Begin(stop => server.Send("tools/call", parameters, stop));
        return await Answered(held, call, cancellation).ConfigureAwait(false);
    }

    private async Task<ToolOutcome> Answered(HeldCall held, ToolCall call, CancellationToken cancellation)
    {
        if (await held.Next(cancellation).ConfigureAwait(false) is { } question)
        {
            server.Held.Keep(call.IdempotencyKey, question);
            return UpstreamState.OfHeld(question.Form, server.Held.Until, holder);
        }

        var result = await held.Result.ConfigureAwait(false);
        return Read(call, () => RawTransport.KindOf(result) switch
        {
            RawTransport.InputRequired => UpstreamState.Of(result).Ask(),
            "task" => new ToolOutcome.Asked(RequestKind.Child, $"Waits for {tool.Name}.", new(new UpstreamState { Task = result["taskId"]!.ToString() }.Json)),
            _ => new ToolOutcome.Returned(UpstreamResult.Of(result)),
        });
    }

    private Task<ToolOutcome> GoOn(HeldQuestion asked, ToolCall call, CancellationToken cancellation)
    {
        asked.Say(UpstreamState.Response(call.Relayed!));
        return Answered(asked.Call, call, cancellation);
    }

    // The server has done something and said so: that its words cannot be read does not make it a failure.
    private ToolOutcome Read(ToolCall call, Func<ToolOutcome> answer)
    {
        try
        {
            return answer();
        }
        catch (Exception e) when (e is not ToolException)
        {
            var why = $"{tool.Name} answered, and the answer cannot be read: {e.Message}";
            throw call.Effect == Effect.Effectful ? new OutcomeUnknownException(why, e) : new ToolException(why, e);
        }
    }

    private async Task<ToolOutcome> GoOn(string task, UpstreamState at, ToolCall call, CancellationToken cancellation)
    {
        ToolException? refused;
        JsonObject shown;
        var said = at.Said(call.Relayed!);
        try
        {
            refused = said is null ? null : await Answer(task, at.Asked!, said, cancellation).ConfigureAwait(false);
            said = null;
            shown = await Get(task, cancellation).ConfigureAwait(false);
        }
        // The task is as it was, and so is what was said to it; where that may do harm, a person decides about a server that is away.
        catch (Exception e) when (e is ToolException and not (UnknownThereException or UnreachableException)
            || (call.Effect != Effect.Effectful && e is UnreachableException or ConnectionLostException))
        {
            return new ToolOutcome.Asked(RequestKind.Child, $"Waits for {tool.Name}: {e.Message.TrimEnd('.')}. It is tried again until the server can say.", new(UpstreamState.Kept(task, at.Asked, said).Json));
        }
        // It may have done its work before it was gone, or still do it.
        catch (ToolException e) when (call.Effect == Effect.Effectful)
        {
            // That it is to run again was said by a person: then from the beginning.
            return call.Attempt > 1 && e is UnknownThereException ? await Call(call, null, cancellation).ConfigureAwait(false)
                : throw new OutcomeUnknownException($"The server took the call as a task and cannot say what became of it: {e.Message}", e);
        }

        return Read(call, () => shown["status"]?.ToString() switch
        {
            "completed" => new ToolOutcome.Returned(UpstreamResult.Of(shown["result"] as JsonObject ?? [])),
            "failed" => throw new ToolException(shown["error"]?["message"]?.ToString() ?? shown["statusMessage"]?.ToString() ?? "the task failed"),
            "cancelled" => throw new ToolException("the task was cancelled"),
            "input_required" when refused is RefusedThereException && Asks(shown, at.Asked) => AskedAgain(task, at.Asked!, shown, refused.Message),
            "input_required" when refused is not null && Asks(shown, at.Asked) => throw refused,
            "input_required" when shown["inputRequests"] is JsonObject requests && requests.Any(request => request.Key != at.Asked) =>
                (UpstreamState.Of(new JsonObject { ["inputRequests"] = requests.DeepClone() }) with { Task = task }).Ask(),
            _ => new ToolOutcome.Asked(RequestKind.Child, $"Waits for {tool.Name}.", new(new UpstreamState { Task = task }.Json)),
        });
    }

    // Why it was refused: what the task is now says whether that matters.
    private async Task<ToolException?> Answer(string task, string asked, JsonObject said, CancellationToken cancellation)
    {
        try
        {
            await server.Send("tasks/update", new() { ["taskId"] = task, ["inputResponses"] = new JsonObject { [asked] = said.DeepClone() }, ["_meta"] = UpstreamMeta.Of(null) },
                cancellation, task).ConfigureAwait(false);
            return null;
        }
        catch (ToolException e) when (e is UnknownThereException or RefusedThereException)
        {
            return e;
        }
    }

    private static ToolOutcome.Asked AskedAgain(string task, string asked, JsonObject shown, string refusal)
    {
        var form = new JsonObject { [asked] = shown["inputRequests"]![asked]!.DeepClone() };
        var again = (UpstreamState.Of(new JsonObject { ["inputRequests"] = form }) with { Task = task }).Ask();
        return again with { Context = $"The last answer did not count: {refusal}\n\n{again.Context}" };
    }

    private static bool Asks(JsonObject shown, string? asked) => asked is not null && (shown["inputRequests"] as JsonObject)?.ContainsKey(asked) == true;

    private Task<JsonObject> Get(string task, CancellationToken cancellation) => server.Send("tasks/get", new() { ["taskId"] = task, ["_meta"] = UpstreamMeta.Of(null) }, cancellation, task);
}
