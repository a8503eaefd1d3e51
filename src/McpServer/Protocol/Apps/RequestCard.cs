using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Apps;

/// <summary>
/// Shows the results of agents as a card to clients that declared the Apps extension, in which a person can answer. For
/// all others nothing is different: neither tools nor resources nor a byte of a result.
/// </summary>
internal sealed class RequestCard
{
    /// <summary>What the card alone is told: its tokens, and who answered the request it showed.</summary>
    private const string MetaKey = "agentmcp/card";

    private const string Resume = "resume_thread";

    private readonly Core _core;
    private readonly CardTokens _tokens;
    private readonly Dictionary<string, CardTool> _tools;

    public RequestCard(Core core, WaitingCalls waiting, PausedCalls calls)
    {
        _core = core;
        _tokens = new(() => StateKey.Beside(core.Settings.Database), core.Settings.FormLifetime, TimeProvider.System);
        _tools = CardTool.All(core, waiting, calls, _tokens).ToDictionary(tool => tool.ProtocolTool.Name, StringComparer.Ordinal);
    }

    public void Apply(McpServerOptions options)
    {
        options.Capabilities ??= new();
        options.Capabilities.Extensions ??= new Dictionary<string, object>();
        options.Capabilities.Extensions[AppsExtension.Id] = new JsonObject();
        options.Filters.Request.ListToolsFilters.Add(next => async (request, cancellation) =>
        {
            var listed = await next(request, cancellation).ConfigureAwait(false);
            if (IsFor(request) && request.Params?.Cursor is null)
            {
                listed.Tools = [.. listed.Tools.Select(tool => Shows(tool.Name) ? WithCard(tool) : tool), .. _tools.Values.Select(tool => tool.ProtocolTool)];
            }

            return listed;
        });
        options.Filters.Request.CallToolFilters.Add(next => async (request, cancellation) =>
        {
            if (!IsFor(request))
            {
                return await next(request, cancellation).ConfigureAwait(false);
            }

            var own = _tools.GetValueOrDefault(request.Params.Name);
            request.MatchedPrimitive = own ?? request.MatchedPrimitive;
            var result = await next(request, cancellation).ConfigureAwait(false);
            if ((own is not null || Shows(request.Params.Name)) && result.StructuredContent is { } thread)
            {
                result.Meta ??= [];
                result.Meta[MetaKey] = DataFor(thread, own is null && request.Params.Name != Resume ? null : request.Params.Arguments, Principal.Of(request.User));
            }

            return result;
        });
        options.Filters.Request.ListResourcesFilters.Add(next => async (request, cancellation) =>
        {
            var listed = await next(request, cancellation).ConfigureAwait(false);
            if (IsFor(request) && request.Params?.Cursor is null)
            {
                listed.Resources.Add(CardPage.Resource);
            }

            return listed;
        });
        options.Filters.Request.ReadResourceFilters.Add(next => (request, cancellation) =>
            IsFor(request) && request.Params.Uri == CardPage.Uri ? ValueTask.FromResult(CardPage.Read()) : next(request, cancellation));
    }

    private bool IsFor<T>(RequestContext<T> request) => _core.Settings.Pause != PauseSetting.Result
        && AppsExtension.IsDeclaredBy(request.JsonRpcRequest.Context?.ClientCapabilities ?? request.Server.ClientCapabilities);

    private bool Shows(string tool) => tool is "invoke_agent" or Resume || _core.Catalog.All.Any(agent => agent.Name == tool);

    // A copy: the tool itself is shared with clients that know no cards.
    private static Tool WithCard(Tool tool) => new()
    {
        Name = tool.Name,
        Title = tool.Title,
        Description = tool.Description,
        InputSchema = tool.InputSchema,
        OutputSchema = tool.OutputSchema,
        Annotations = tool.Annotations,
        Icons = tool.Icons,
        Meta = AppsExtension.ToolMeta(CardPage.Uri, "model", "app"),
    };

    private JsonObject DataFor(JsonElement result, IDictionary<string, JsonElement>? arguments, Principal who)
    {
        var data = new JsonObject();
        try
        {
            data["token"] = _tokens.Issue(ThreadId.Parse(result.GetProperty("thread_id").GetString()!), null, who.Id);
            var tokens = new JsonObject();
            foreach (var asked in result.GetProperty("requests").EnumerateArray().Where(IsForPerson))
            {
                if (asked.GetProperty("id").GetString() is { } id && RequestId.TryParse(id, out var thread, out var request))
                {
                    tokens[id] = _tokens.Issue(thread, request, who.Id);
                }
            }

            data["requests"] = tokens;
            if (arguments?.TryGetValue("request_id", out var shown) == true && Answered(shown.GetString(), who) is { } answer)
            {
                data["answered"] = answer;
            }
        }
        catch (Exception e) when (e is RefusedException or DatabaseException or InvalidDataException)
        {
            // The call itself is done. Without its key the server can vouch for nobody: the card shows the request and takes no answer.
            data["problem"] = e.Message;
        }

        return data;
    }

    // What a person is asked, and not what the calling model or software delivers.
    private static bool IsForPerson(string? kind, string? answerableBy) =>
        kind is "approval" or "question" or "budget" or "in_doubt" || (kind == "external_result" && answerableBy == "human");

    private static bool IsForPerson(JsonElement request) =>
        IsForPerson(request.GetProperty("kind").GetString(), request.GetProperty("answerable_by").GetString());

    private JsonObject? Answered(string? shown, Principal who) =>
        RequestId.TryParse(shown, out var thread, out var request) && _core.Access.Get(thread, who) is var log
        && log.Thread.Answers.GetValueOrDefault(request) is { } answer && log.Events[request.Version - 1] is RequestOpened asked
        && IsForPerson(WireName.Of(asked.Kind), WireName.Of(asked.AnswerableBy))
            ? new()
            {
                ["request_id"] = shown,
                ["kind"] = WireName.Of(asked.Kind),
                ["question"] = asked.Question,
                ["by"] = answer.By,
                ["channel"] = answer.Channel,
                ["at"] = answer.At.ToString("O"),
                ["approved"] = answer.Approved,
                ["response"] = Node(answer.Response),
                ["comment"] = answer.Comment,
                ["arguments"] = Node(answer.Arguments),
            }
            : null;

    private static JsonNode? Node(JsonText? value) => value is { } json ? JsonNode.Parse(json.Text) : null;
}
