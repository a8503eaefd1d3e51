using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Rest;

/// <summary>A request of software that is no agent of ours: a thread whose only step is to ask it.</summary>
internal sealed class OutsideRequest(Core core)
{
    // Of its own: it waits no longer than asking takes, and what could not be asked for want of a place would be no answer.
    private readonly WaitingCalls _waiting = new(core);

    /// <exception cref="RefusedException">What cannot be asked so.</exception>
    public static void Check(string? channel, string what, IReadOnlyList<ContactOption>? options)
    {
        if (channel is not null)
        {
            throw new RefusedException(RefusalCode.InvalidInput,
                "channel cannot be chosen here: people are told through the channels this server is configured with (the setting notify). Leave it out.");
        }

        // What types say of null does not reach into a list.
        if (options?.Contains(null!) == true)
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"{what} has null in it; each option is an object with a name.");
        }

        if (options?.GroupBy(option => option.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"{what} names '{twice.Key}' twice; an answer could not tell one from the other.");
        }
    }

    public static JsonText Input<T>(T spec, JsonTypeInfo<T> type) => JsonText.From(JsonSerializer.SerializeToElement(spec, type));

    public async Task<AskedRequest> Ask(string agent, JsonText input, string? idempotencyKey, HttpContext context)
    {
        var who = RestAccess.Who(context);
        core.Access.Start(who, agent, input, idempotencyKey);
        var thread = await core.Host.Start(agent, input, RestAccess.Caller(context), idempotencyKey).ConfigureAwait(false);
        var log = await _waiting.For(thread, who.Id, who, null, null, context.RequestAborted).ConfigureAwait(false);
        var asked = AskedRequest.FirstIn(log) ?? throw new RefusedException(RefusalCode.Unavailable,
            $"The request is stored in {thread} and will be asked when there is room; GET {RestApi.Root}/threads/{thread} shows it then.");
        context.Response.Headers.Location = $"{RestApi.Root}/{agent}s/{asked.Id.In(thread)}";
        return asked;
    }
}
