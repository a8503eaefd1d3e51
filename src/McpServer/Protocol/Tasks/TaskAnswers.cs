using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tools;
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
internal sealed class TaskAnswers(Core core, TaskShape shape, Guest caller)
{
    public async Task Take(ThreadId thread, JsonRpcRequest update)
    {
        if (update.Params?["inputResponses"] is not JsonObject responses)
        {
            throw new McpProtocolException("tasks/update needs inputResponses.", McpErrorCode.InvalidParams);
        }

        var owner = core.Access.OwnerOf(thread, caller.Principal);
        var waiting = new WaitingFor(core.Host.Chain(thread, owner));
        foreach (var (key, response) in responses)
        {
            if (waiting.All.FirstOrDefault(asking => asking.Id == key) is { } asking && shape.CanAnswer(asking, caller.Principal))
            {
                await Take(asking, owner, Read(key, response), update.Context?.ProtocolVersion).ConfigureAwait(false);
                waiting = new(core.Host.Chain(thread, owner));
            }
        }
    }

    private async Task Take(Asking asking, string owner, ElicitResult filled, string? protocol)
    {
        var (thread, open) = (asking.Log.Thread.Id, asking.Open);
        if (!filled.IsAccepted)
        {
            // Noted once.
            if (shape.IsShown(asking, caller.Principal))
            {
                await FormAnswer.Leave(core.Host, thread, owner, caller, open.Id, filled.Action).ConfigureAwait(false);
            }

            return;
        }

        var answer = ElicitationForm.Read(open.Asked, filled, protocol) ?? throw new McpProtocolException(
            $"The answer to {open.Id.In(thread)} does not fit its form. The request stays open.", McpErrorCode.InvalidParams);
        try
        {
            await answer.Give(core.Host, thread, owner, caller, open.Id).ConfigureAwait(false);
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
            return response?.Deserialize(McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ElicitResult))) as ElicitResult ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new McpProtocolException($"The answer to {key} is no elicitation result: {UnreadableJson.Say(e, "it")}", McpErrorCode.InvalidParams);
        }
    }
}
