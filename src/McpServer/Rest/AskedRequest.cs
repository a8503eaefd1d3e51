using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Rest;

/// <summary>A request people are asked, found by its id, whether it is open or was answered.</summary>
internal sealed record AskedRequest(ThreadLog Log, RequestId Id, RequestOpened Asked)
{
    public bool IsFunctionCall => Asked.Kind == RequestKind.Approval;

    /// <exception cref="RefusedException">There is no such request, or it is of the other shape.</exception>
    public static AskedRequest Find(Core core, HttpContext context, string callId, bool functionCall)
    {
        var found = RequestId.TryParse(callId, out var thread, out var id) && core.Access.Among([thread], RestAccess.Who(context)).TryGetValue(thread, out var owner)
            ? Of(core.Host.Get(thread, owner), id)
            : null;
        return found switch
        {
            null => throw NotFound($"There is no request '{callId}'. GET {RestApi.Root}/requests lists those that are open."),
            _ when !A2HView.IsForPeople(found.Asked.Kind) => throw NotFound(
                $"{callId} ({WireName.Of(found.Asked.Kind)}) is not asked of people. Answer it with POST {RestApi.Root}/threads/{thread}/answer."),
            _ when found.IsFunctionCall != functionCall => throw NotFound(
                $"{callId} ({WireName.Of(found.Asked.Kind)}) is at {RestApi.Root}/{(functionCall ? "human_contacts" : "function_calls")}/{callId}."),
            _ => found,
        };
    }

    /// <summary>The open requests of a thread that wait for a person.</summary>
    public static IEnumerable<AskedRequest> OpenIn(ThreadLog log) =>
        log.Thread.OpenRequests.Where(open => A2HView.IsForPeople(open.Asked.Kind)).Select(open => new AskedRequest(log, open.Id, open.Asked));

    /// <summary>The first request a thread opened; null when it has not yet.</summary>
    public static AskedRequest? FirstIn(ThreadLog log)
    {
        for (var version = 1; version <= log.Thread.Version; version++)
        {
            if (Of(log, new(version)) is { } first)
            {
                return first;
            }
        }

        return null;
    }

    public FunctionCall FunctionCall(AnswerableBy server, FailedValidation? failed = null) => A2HView.FunctionCallOf(Log, Id, Asked, server, failed);

    public HumanContact HumanContact(AnswerableBy server, FailedValidation? failed = null) => A2HView.HumanContactOf(Log, Id, Asked, server, failed);

    /// <summary>Gives the answer; the thread goes on by itself.</summary>
    /// <exception cref="MissedException">It does not fit; the request is open still.</exception>
    public async Task<AskedRequest> Answer(Core core, HttpContext context, bool? approved, JsonText? response, string? comment = null, JsonText? changes = null)
    {
        try
        {
            var (thread, request, owner) = core.Access.ToAnswer(Log.Thread.Id, (Log.Thread.Id, Id), RestAccess.Who(context));
            await core.Host.Answer(thread, RestAccess.Caller(context), request, approved, response, comment, changes, owner).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Code is RefusalCode.InvalidResponse or RefusalCode.WrongAnswer)
        {
            throw Missed(core, e.Code, e.Message);
        }

        return this with { Log = core.Host.Get(Log.Thread.Id, Log.Thread.Start.Principal) };
    }

    public MissedException Missed(Core core, RefusalCode code, string message)
    {
        var failed = new FailedValidation(WireName.Of(code), message);
        var problem = RestErrors.ProblemOf(RestErrors.StatusOf(code), failed.Code, message);
        return new(IsFunctionCall
            ? problem with { FunctionCall = FunctionCall(core.Settings.Approvals, failed) }
            : problem with { HumanContact = HumanContact(core.Settings.Approvals, failed) });
    }

    private static AskedRequest? Of(ThreadLog log, RequestId id) => id.Version > 0 && id.Version <= log.Thread.Version && log.Events[id.Version - 1] is RequestOpened asked ? new(log, id, asked) : null;

    private static RefusedException NotFound(string message) => new(RefusalCode.RequestNotFound, message);
}
