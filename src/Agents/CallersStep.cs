using AgentMcp.Agents.Prompting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// A step that the calling model gave as an answer. It is told at once what is wrong with one, and the request stays open;
/// a good one is stored in one form, however it was spelled, so that the same step again is the same answer. Pure.
/// </summary>
internal static class CallersStep
{
    /// <exception cref="RefusedException">It is no step of the agent; the message says why, and what one looks like.</exception>
    public static Answer Read(AgentThread thread, Answer answer, Func<AgentThread, Microagent> agentOf)
    {
        if (answer is not { Approved: null, From.IsModel: false, Response: { IsNull: false } given })
        {
            return answer;
        }

        var asked = thread.State is ThreadState.Waiting { Request: { Asked.Kind: RequestKind.NextStep } open } && (answer.Request ?? open.Id) == open.Id ? open : null;
        if (asked is null && !WasStep(thread, answer.Request))
        {
            return answer;
        }

        var agent = agentOf(thread);
        var reply = given.AsString() ?? given.Text;
        return StepReader.Plain(agent, reply) is { } step ? answer with { Response = step }
            : asked is null ? answer
            : throw new RefusedException(RefusalCode.InvalidResponse,
                $"That is not a next step of {agent.Name}. {StepReader.Problem(agent, reply)} The request {asked.Id.In(thread.Id)} stays open: call resume_thread again with a response such as {StepExample.Of(agent)}");
    }

    private static bool WasStep(AgentThread thread, RequestId? request) =>
        request is { } named && thread.Answers.TryGetValue(named, out var first) && first.Response is { } step
            && step.Element() is { ValueKind: System.Text.Json.JsonValueKind.Object } json && json.TryGetProperty("intent", out _);
}
