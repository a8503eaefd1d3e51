using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>Threads as resources: the log, a transcript a person can follow, the output. Those of agents: <see cref="AgentPrimitives"/>.</summary>
internal static class Resources
{
    public static IEnumerable<McpServerResource> All(Core core)
    {
        yield return OfThread("thread://{id}", "thread", "A thread's event log.", "application/json",
            log => LogJson.Of(log).Text);
        yield return OfThread("thread://{id}/transcript", "transcript", "A thread as Markdown.", "text/markdown", Transcript.Of);
        yield return OfThread("thread://{id}/output", "output", "A completed thread's whole output.", "application/json",
            log => log.Thread.State is ThreadState.Completed done ? done.Output.Text : throw new McpProtocolException(
                $"{log.Thread.Id} is {WireName.Of(log.Thread.Status)} and has no output.", McpErrorCode.InvalidParams));

        WireResource OfThread(string template, string name, string description, string type, Func<ThreadLog, string> text) => new(
            new() { UriTemplate = template, Name = name, Description = description, MimeType = type },
            (request, id) => text(Find(core, request, id)));
    }

    private static ThreadLog Find(Core core, RequestContext<ReadResourceRequestParams> request, string id)
    {
        try
        {
            return core.Access.Get(ThreadId.Parse(id), Principal.Of(request.User));
        }
        catch (Exception e) when (e is DatabaseException or InvalidDataException)
        {
            throw new McpProtocolException($"{request.Params.Uri} cannot be read. {e.Message}", McpErrorCode.InternalError);
        }
        catch (Exception e) when (e is RefusedException or FormatException)
        {
            throw NotFound(request);
        }
    }

    public static McpProtocolException NotFound(RequestContext<ReadResourceRequestParams> request)
    {
        var refusal = new McpProtocolException($"There is no resource {request.Params.Uri}.", NotFoundIn(request.Server.NegotiatedProtocolVersion));
        refusal.Data["uri"] = request.Params.Uri;
        return refusal;
    }

    // 2026-07-28 took the code of its own away from resources that are not there.
    private static McpErrorCode NotFoundIn(string? protocol) =>
        string.CompareOrdinal(protocol, "2026-07-28") >= 0 ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound;
}
