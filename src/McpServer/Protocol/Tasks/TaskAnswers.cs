using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Tasks;

/// <summary>
/// What <c>tasks/update</c> brings: forms a person has filled in at the client. A key is the id of a request and never
/// stands for another, so an answer for anything that is not open is late or foreign, and left aside as the
/// specification asks.
/// </summary>
internal sealed class TaskAnswers(Core core, Responder caller)
{
    public async Task Take(ThreadId thread, JsonRpcRequest update)
    {
        if (update.Params?["inputResponses"] is not JsonObject responses)
        {
            throw new McpProtocolException("tasks/update needs inputResponses.", McpErrorCode.InvalidParams);
        }

        var asking = core.Host.Chain(thread, caller.By)[^1];
        foreach (var (key, response) in responses)
        {
            if (RequestId.TryParse(key, out var owner, out var request) && owner == asking.Thread.Id
                && TaskShape.Outstanding(asking, caller.By) is { } open && open.Id == request)
            {
                await Take(owner, open, Read(key, response), update.Context?.ProtocolVersion).ConfigureAwait(false);
                asking = core.Host.Chain(thread, caller.By)[^1];
            }
        }
    }

    private async Task Take(ThreadId thread, OpenRequest open, ElicitResult filled, string? protocol)
    {
        if (!filled.IsAccepted)
        {
            await FormAnswer.Leave(core.Host, thread, caller, open.Id, filled.Action).ConfigureAwait(false);
            return;
        }

        var answer = ElicitationForm.Read(open.Asked, filled, protocol) ?? throw new McpProtocolException(
            $"The answer to {open.Id.In(thread)} does not fit its form. The request stays open.", McpErrorCode.InvalidParams);
        try
        {
            await answer.Give(core.Host, thread, caller, open.Id).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Code is RefusalCode.AlreadyAnswered or RefusalCode.RequestNotFound or RefusalCode.NothingPending or RefusalCode.ThreadEnded)
        {
            // Somebody else was first, and the first answer stands. The next tasks/get shows where the thread is.
            core.Log.LogInformation("{Reason}", e.Message);
        }
    }

    private static ElicitResult Read(string key, JsonNode? response)
    {
        try
        {
            return response?.Deserialize(McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ElicitResult))) as ElicitResult ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new McpProtocolException($"The answer to {key} is no elicitation result: {e.Message}", McpErrorCode.InvalidParams);
        }
    }
}
