using System.Security.Claims;
using AgentMcp.Server.Access;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>
/// How lists and resources are given out: in one order, whoever asks and whenever, and from 2026-07-28 on with how long
/// and for whom a client may keep them. What is shown to somebody who has signed in is kept for them alone.
/// </summary>
internal static class Lists
{
    private const string First = "2026-07-28";

    // Agents change when a file does; whoever does not listen for that hears of it within this time.
    private static readonly TimeSpan Agents = TimeSpan.FromSeconds(30);

    // The same for as long as the program is.
    private static readonly TimeSpan Program = TimeSpan.FromHours(1);

    /// <param name="shows">Whether there is a tool, or a prompt, of this name for somebody.</param>
    /// <param name="isThere">The same of a resource.</param>
    public static void Apply(McpServerOptions options, Func<ClaimsPrincipal?, string, bool> shows, Func<ClaimsPrincipal?, string, bool> isThere)
    {
        options.Filters.Request.ListToolsFilters.Add(next => async (request, cancellation) =>
        {
            var listed = await next(request, cancellation).ConfigureAwait(false);
            listed.Tools = [.. listed.Tools.Where(tool => shows(request.User, tool.Name)).OrderBy(tool => tool.Name, StringComparer.Ordinal)];
            return Kept(listed, Agents, request);
        });
        options.Filters.Request.ListPromptsFilters.Add(next => async (request, cancellation) =>
        {
            var listed = await next(request, cancellation).ConfigureAwait(false);
            listed.Prompts = [.. listed.Prompts.Where(prompt => shows(request.User, prompt.Name)).OrderBy(prompt => prompt.Name, StringComparer.Ordinal)];
            return Kept(listed, Agents, request);
        });
        options.Filters.Request.ListResourcesFilters.Add(next => async (request, cancellation) =>
        {
            var listed = await next(request, cancellation).ConfigureAwait(false);
            listed.Resources = [.. listed.Resources.Where(resource => isThere(request.User, resource.Uri)).OrderBy(resource => resource.Uri, StringComparer.Ordinal)];
            return Kept(listed, Agents, request);
        });
        options.Filters.Request.ListResourceTemplatesFilters.Add(next => async (request, cancellation) =>
        {
            var listed = await next(request, cancellation).ConfigureAwait(false);
            listed.ResourceTemplates = [.. listed.ResourceTemplates.Where(template => isThere(request.User, template.UriTemplate)).OrderBy(template => template.UriTemplate, StringComparer.Ordinal)];
            return Kept(listed, Program, request);
        });
        options.Filters.Request.ReadResourceFilters.Add(next => async (request, cancellation) =>
        {
            var read = await next(request, cancellation).ConfigureAwait(false);
            // A thread may move at any time and is its owner's alone; for those the SDK says so by itself.
            return request.Params.Uri.Split(':')[0] switch
            {
                "agent" => Kept(read, Agents, request),
                "ui" => Kept(read, Program, request),
                _ => read,
            };
        });
    }

    private static T Kept<T, TRequest>(T result, TimeSpan time, RequestContext<TRequest> request)
        where T : ICacheableResult
    {
        if (string.CompareOrdinal(request.Server.NegotiatedProtocolVersion, First) >= 0)
        {
            result.TimeToLive = time;
            result.CacheScope = Principal.Of(request.User).IsAuthenticated ? CacheScope.Private : CacheScope.Public;
        }

        return result;
    }
}
