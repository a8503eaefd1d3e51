using System.Security.Claims;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Apps;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Protocol.Prompts;
using AgentMcp.Server.Tools;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>
/// What this server is to a client, the same on every transport and protocol version. Tools, prompts and resources are made
/// once and shared: over stateless HTTP the SDK builds its options anew at every request.
/// </summary>
internal sealed class McpSetup
{
    private const string Instructions =
        """
        Each agent tool starts a thread: a run that is stored and survives restarts. Every result has a status.
        - completed: output holds the result. failed: error says why. Nothing is left to do.
        - running: it is still at work. Call wait_thread with its thread_id; do not start it again.
        - pending: it waits for what requests says. Do what "next" says: ask the user, then call resume_thread. Never
          approve, reject or answer for the user. The thread waits as long as it takes, also for days; keep the thread_id.
        To be sure that a repeated call starts nothing twice, pass the same idempotency_key.
        list_threads with status pending finds everything that waits.
        """;

    private readonly Core _core;
    private readonly McpMessageFilter _whoCalls;
    private readonly Cancellations _cancellations;
    private readonly RequestCard _card;
    private readonly Completions _completions;
    private readonly McpServerPrimitiveCollection<McpServerTool> _tools = [];
    private readonly McpServerPrimitiveCollection<McpServerPrompt> _prompts = [];
    private readonly McpServerResourceCollection _resources = [];
    private readonly Subscriptions.Subscriptions _subscriptions;
    private readonly Tasks.Tasks _tasks;
    private readonly ReadyOptions _ready;

    public McpSetup(Core core, string channel)
    {
        _core = core;
        _whoCalls = next => (context, cancellation) =>
        {
            // Over HTTP the entrance has asked; the one client of a pipe is the user of this machine.
            context.User ??= channel == "http" ? null : PrincipalIdentity.Local;
            return next(context, cancellation);
        };
        _cancellations = new(oneClient: channel == "stdio");
        var calls = new PausedCalls(core, core.Waiting, _cancellations);
        _card = new(core, core.Waiting, calls);
        foreach (var tool in FixedThreadTool.All(core, calls, channel))
        {
            _tools.Add(tool);
        }

        _tools.Add(new ListAgentsTool(core));
        _tools.Add(new ListThreadsTool(core));
        foreach (var prompt in ThreadPrompts.All())
        {
            _prompts.Add(prompt);
        }

        foreach (var resource in Resources.All(core))
        {
            _resources.Add(resource);
        }

        new AgentPrimitives(core, calls, channel, _tools, _prompts, _resources).Follow();
        _completions = new(core, _prompts, _resources, Shows, IsThere);
        var tasks = new Tasks.TaskShape(core);
        _tasks = new(core, tasks, channel);
        _subscriptions = new(core, tasks, _tools, _prompts, _resources);
        _ready = new(Prepare);
    }

    public void FollowSessions(HttpServerTransportOptions http) => _subscriptions.FollowSessions(http);

    public void Apply(McpServerOptions options) => _ready.Give(options);

    private void Prepare(McpServerOptions options)
    {
        options.ServerInfo = new Implementation { Name = "agentmcp", Title = "AgentMcp", Version = Hosting.Version.Current };
        options.ServerInstructions = Instructions;
        options.ToolCollection = _tools;
        options.PromptCollection = _prompts;
        options.ResourceCollection = _resources;
        _completions.Apply(options);
        _subscriptions.Apply(options);
        _tasks.Apply(options);
        options.Filters.Message.IncomingFilters.Add(_whoCalls);
        options.Filters.Message.IncomingFilters.Add(ReadableArguments.Filter);
        options.Filters.Message.IncomingFilters.Add(_cancellations.Filter);
        Lists.Apply(options, Shows, IsThere);
        _card.Apply(options);
        options.Filters.Request.CallToolFilters.Add(next => (request, cancellation) => request.MatchedPrimitive is null || !Shows(request.User, request.Params.Name)
            ? throw new McpProtocolException(
                $"There is no tool '{request.Params.Name}'. The tools are {string.Join(", ", _tools.PrimitiveNames.Where(name => Shows(request.User, name)).Order(StringComparer.Ordinal))}.", McpErrorCode.InvalidParams)
            : next(request, cancellation));
        options.Filters.Request.GetPromptFilters.Add(next => (request, cancellation) => request.MatchedPrimitive is null || !Shows(request.User, request.Params.Name)
            ? throw _completions.NoPrompt(request.User, request.Params.Name) : next(request, cancellation));
        // One that is not there for this principal is not looked for either. The SDK finds resources as URIs compare, whatever
        // the case of the host; who may read one is asked of what was found, and only its own spelling is it.
        options.Filters.Request.ReadResourceFilters.Add(next => (request, cancellation) =>
            request.MatchedPrimitive is McpServerResource found && found.IsMatch(request.Params.Uri) && IsThere(request.User, found.ProtocolResourceTemplate.UriTemplate)
                ? next(request, cancellation) : throw Resources.NotFound(request));
    }

    // An agent is there for whoever may start it; what an agent is made of, for whoever it is not hidden from.
    private bool Shows(ClaimsPrincipal? user, string tool) => !_tools.TryGetPrimitive(tool, out var known) || known is not AgentTool
        || (Principal.Of(user) is var who && who.Has(Roles.Run) && _core.Access.Knows(who, tool));

    private bool IsThere(ClaimsPrincipal? user, string uri) =>
        !uri.StartsWith(AgentPrimitives.Scheme, StringComparison.Ordinal) || _core.Access.Knows(Principal.Of(user), uri[AgentPrimitives.Scheme.Length..]);
}
