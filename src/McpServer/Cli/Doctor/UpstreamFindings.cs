using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Upstream;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Cli.Doctor;

/// <summary>The MCP servers that are configured: each is started and asked for its tools; and what agents name of them that is not there.</summary>
internal static class UpstreamFindings
{
    private const string Name = "mcp servers";

    public static async Task<IReadOnlyList<Finding>> Of(Settings settings, MicroagentCatalog catalog, CancellationToken cancellation)
    {
        await using var upstreams = new Upstreams(settings.Upstreams, settings.UpstreamStartTimeout, settings.UpstreamTimeout, TimeProvider.System, NullLoggerFactory.Instance);
        catalog.Servers = upstreams;
        var servers = await Task.WhenAll(upstreams.All.Select(server => Server(server, upstreams, cancellation))).ConfigureAwait(false);
        var down = servers.Where(server => server.Finding.Health == Health.Broken).Select(server => server.Name).ToList();
        return
        [
            .. servers.SelectMany(server => server.Refused.Prepend(server.Finding)),
            // An agent whose server is down has been told of by that.
            .. await Agents(catalog, down).ConfigureAwait(false),
        ];
    }

    private static async Task<(string Name, Finding Finding, IEnumerable<Finding> Refused)> Server(UpstreamServer server, Upstreams upstreams, CancellationToken cancellation)
    {
        var name = server.Settings.Name;
        try
        {
            var tools = await upstreams.ToolsOf(name, cancellation).ConfigureAwait(false);
            var list = string.Join(", ", tools.Where(tool => tool.Refused is null).Select(tool => tool.Tool.From!.Tool));
            return (name, Finding.Ok(Name, $"{name}: {server.Settings.Shown}{(server.Settings.Trust ? ", trusted" : "")}: {list}"),
                tools.Where(tool => tool.Refused is not null).Select(tool => Finding.Note(Name, $"{tool.Tool.Name} cannot be used: {tool.Refused}.")));
        }
        catch (ToolException e)
        {
            return (name, Finding.Broken(Name, $"{name}: {server.Settings.Shown}: {e.Message}. Correct it under mcpServers, or make it run."), []);
        }
    }

    private static async Task<List<Finding>> Agents(MicroagentCatalog catalog, List<string> down)
    {
        List<Finding> wrong = [];
        foreach (var agent in catalog.All.Where(agent => !agent.Intents.OfType<ServerTools>().Any(listed => down.Contains(listed.Server))))
        {
            try
            {
                await catalog.Resolve(agent).ConfigureAwait(false);
            }
            catch (RefusedException e)
            {
                wrong.Add(Finding.Broken("agents", e.Message));
            }
        }

        return wrong;
    }
}
