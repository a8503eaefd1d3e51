using System.Text.Json;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

// MCP9005: sampling is going away from the protocol one day; clients of today have it.
#pragma warning disable MCP9005

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>
/// The model of the client as the model of a thread: an open <c>next_step</c> is put to it by sampling, and what it says
/// is the answer. It answers nothing else. What it says need not be a step; the thread reads it as it reads any model.
/// </summary>
internal sealed class ClientModel(Core core)
{
    /// <summary>Whether a request is for the next step of a thread whose model is the client's.</summary>
    public bool IsFor(ThreadLog asking, OpenRequest open) => open.Asked.Kind == RequestKind.NextStep && core.Samples(asking.Thread);

    /// <summary>Whether this request is one that a model answers.</summary>
    public bool WasAsked(ThreadLog log, RequestId request) => log.Events.ElementAtOrDefault(request.Version - 1) is RequestOpened { Kind: RequestKind.NextStep } && core.Samples(log.Thread);

    /// <summary>Whether what this principal's client says is a step of a thread of this owner: to choose one is to go on with it.</summary>
    public static bool MayChoose(Principal who, string owner) => owner == who.Id && AccessRules.MayChange(who, owner);

    public InputRequest Input(ThreadLog asking) => InputRequest.ForSampling(Prompt(asking));

    /// <returns>Null when the client gave nothing; and who brought it.</returns>
    public Task<(CreateMessageResult? Said, Principal By)> Ask(
        SessionRequests session, RequestContext<CallToolRequestParams> call, ThreadLog asking, RequestId request, TimeSpan atMost, ToldProgress told, CancellationToken cancellation) =>
        session.Ask<CreateMessageResult>(call, Asked.By(RequestMethods.SamplingCreateMessage, Prompt(asking), atMost, "the client's model"), asking.Thread, request, told, cancellation);

    public static CreateMessageResult? Read(InputResponse response)
    {
        try
        {
            return response.Deserialize(InputResponse.CreateMessageResultJsonTypeInfo);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Gives the thread what the model said; returns what to tell the caller when there was nothing to give.</summary>
    public async Task<string> Take(ThreadId thread, string owner, Guest caller, RequestId request, CreateMessageResult? said)
    {
        if (said is null)
        {
            return "The client's model chose no step in time. Call wait_thread to ask it again, or choose the step yourself. ";
        }

        // A state may be older than what its principal may do now.
        if (!MayChoose(caller.Principal, owner))
        {
            return "The step of the client's model was not taken: it is not yours to choose. ";
        }

        try
        {
            var model = caller.Responder with { Channel = CallerModel.Sampling, IsModel = true };
            await core.Host.Answer(thread, model, request, approved: null, JsonText.Of(Words(said)), comment: said.Model, owner: owner).ConfigureAwait(false);
            return "";
        }
        catch (RefusedException e)
        {
            return $"The step of the client's model was not taken: {e.Message} ";
        }
    }

    private CreateMessageRequestParams Prompt(ThreadLog asking)
    {
        var agent = core.Host.AgentOf(asking.Thread);
        var prompt = PromptRenderer.Render(agent, asking.Events);
        return new()
        {
            SystemPrompt = prompt.System,
            Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt.User }] }],
            MaxTokens = agent.Limits.Reply ?? core.Settings.Models.MaxOutputTokens ?? ModelSettings.LongestReply,
        };
    }

    // What was cut off may hold an object that looks whole.
    private static string Words(CreateMessageResult said) => said.StopReason == "maxTokens"
        ? "The reply was cut off at the limit of output tokens."
        : string.Join('\n', said.Content.OfType<TextContentBlock>().Select(block => block.Text)) is { } text && !string.IsNullOrWhiteSpace(text) ? text
        : "The model gave an empty reply.";
}
