using System.Security.Claims;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Prompts;

/// <summary>
/// What an argument can be, while somebody types it: names of agents, choices of their inputs, and the threads and
/// requests that the caller may see, newest first.
/// </summary>
internal sealed class Completions(
    Core core, McpServerPrimitiveCollection<McpServerPrompt> prompts, McpServerResourceCollection resources, Func<ClaimsPrincipal?, string, bool> shows, Func<ClaimsPrincipal?, string, bool> isThere)
{
    /// <summary>The most values of one answer; the protocol allows no more.</summary>
    private const int Most = 100;

    // Requests are in the logs; these many threads are looked through for them, those asked last first.
    private const int MostLogs = 25;

    public void Apply(McpServerOptions options) => options.Handlers.CompleteHandler = (request, _) => ValueTask.FromResult(Complete(request));

    /// <summary>One that somebody may not see is refused in the words for one that is not there.</summary>
    public McpProtocolException NoPrompt(ClaimsPrincipal? user, string name) => WirePrompt.Refused(
        $"There is no prompt '{name}'. The prompts are {string.Join(", ", prompts.PrimitiveNames.Where(known => shows(user, known)).Order(StringComparer.Ordinal))}.");

    private CompleteResult Complete(RequestContext<CompleteRequestParams> request)
    {
        var (argument, typed) = (request.Params.Argument.Name, request.Params.Argument.Value);
        var who = Principal.Of(request.User);
        return Result(request.Params.Ref switch
        {
            ResourceTemplateReference { Uri: { } uri } => !resources.Any(known => known.ProtocolResourceTemplate.UriTemplate == uri && isThere(request.User, uri))
                ? throw WirePrompt.Refused($"There is no resource template {uri}.")
                : uri.StartsWith("thread://{id}", StringComparison.Ordinal) && argument == "id"
                    ? Threads(typed, who, uri.EndsWith("/output", StringComparison.Ordinal) ? ThreadStatus.Completed : null) : [],
            PromptReference { Name: var prompt } => !prompts.TryGetPrimitive(prompt, out _) || !shows(request.User, prompt)
                ? throw NoPrompt(request.User, prompt)
                : Starting(typed, Choices(prompt, argument)) ?? argument switch
                {
                    ThreadPrompts.Agent => Starting(typed, core.Access.AgentsFor(who).Select(agent => agent.Name))!,
                    ThreadPrompts.Thread => Threads(typed, who),
                    ThreadPrompts.Request => Requests(typed, who, request.Params.Context?.Arguments?.TryGetValue(ThreadPrompts.Thread, out var thread) == true ? thread : null),
                    _ => [],
                },
            _ => [],
        });
    }

    private IReadOnlyList<string>? Choices(string prompt, string argument) =>
        core.Catalog.Find(prompt) is { } agent && agent.Input.Element().TryGetProperty("properties", out var fields) && fields.TryGetProperty(argument, out var field)
            ? AgentPrompt.Choices(field) : null;

    // Ids begin with the time, so those that begin like this one lie together, right below the highest that can.
    private IEnumerable<string> Threads(string typed, Principal who, ThreadStatus? status = null)
    {
        var prefix = typed.StartsWith(ThreadId.Prefix, StringComparison.Ordinal) || ThreadId.Prefix.StartsWith(typed, StringComparison.Ordinal) ? typed : ThreadId.Prefix + typed;
        if (ThreadId.TryParse(prefix, out var whole))
        {
            return core.Access.Among([whole], who).Count > 0 ? [prefix] : [];
        }

        ThreadId? below = prefix.Length > ThreadId.Prefix.Length ? ThreadId.TryParse(prefix.PadRight(ThreadId.Length, 'f'), out var highest) ? highest : null : null;
        return prefix.Length > ThreadId.Prefix.Length && below is null ? []
            : core.Host.List(new(core.Access.SightOf(who), status, Cursor: below, Limit: Most + 1)).Rows.Select(row => row.ThreadId).TakeWhile(id => id.StartsWith(prefix, StringComparison.Ordinal));
    }

    private IEnumerable<string> Requests(string typed, Principal who, string? thread)
    {
        var threads = thread is null ? core.Pending.List(new(core.Access.SightOf(who), Limit: MostLogs)).Rows.Select(row => row.ThreadId) : [thread];
        return threads.SelectMany(id => ThreadId.TryParse(id, out var known) ? Open(known, who) : []).Where(id => id.StartsWith(typed, StringComparison.Ordinal));
    }

    private IEnumerable<string> Open(ThreadId thread, Principal who)
    {
        try
        {
            return [.. new WaitingFor(core.Host.Chain(thread, core.Access.OwnerOf(thread, who))).Answerable.Select(asking => asking.Id)];
        }
        catch (Exception e) when (e is RefusedException || DatabaseException.IsOfOneLog(e))
        {
            // Not there, not the caller's, or damaged: nothing to choose from either way, and no reason to hide the others.
            return [];
        }
    }

    private static IEnumerable<string>? Starting(string typed, IEnumerable<string>? values) => values?.Where(value => value.StartsWith(typed, StringComparison.OrdinalIgnoreCase));

    private static CompleteResult Result(IEnumerable<string> values)
    {
        List<string> some = [.. values.Take(Most + 1)];
        return new() { Completion = new() { Values = [.. some.Take(Most)], HasMore = some.Count > Most } };
    }
}
