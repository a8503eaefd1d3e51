using AgentMcp.Agents;
using AgentMcp.Server.Access;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>What a person said in a form.</summary>
/// <param name="Arguments">What is approved in place of the arguments that were shown.</param>
internal sealed record FormAnswer(bool? Approved = null, JsonText? Response = null, string? Comment = null, JsonText? Arguments = null)
{
    /// <summary>What a person says in a form that the host shows comes through this, whatever brought the form there.</summary>
    public const string Channel = "elicitation";

    /// <exception cref="RefusedException">It does not fit what is awaited, or came too late.</exception>
    public Task Give(AgentHost host, ThreadId thread, string owner, Guest caller, RequestId request) =>
        host.Answer(thread, caller.At(Channel), request, Approved, Response, Comment, Arguments, owner);

    /// <summary>Notes that the form was closed without an answer.</summary>
    public static Task Leave(AgentHost host, ThreadId thread, string owner, Guest caller, RequestId request, string action) =>
        host.LeaveOpen(thread, caller.At(Channel), request, $"the form was closed without an answer ({action})", owner);
}
