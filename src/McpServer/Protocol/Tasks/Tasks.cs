using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Apps;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

#pragma warning disable MCPEXP002 // the extension points a task needs are experimental in the SDK

namespace AgentMcp.Server.Protocol.Tasks;

/// <summary>
/// The Tasks extension (SEP-2663). A call that is not finished within its wait answers with a task to a client that
/// declared the extension; the task is the thread, so any process on the database can be asked for it, at any time.
/// </summary>
internal sealed class Tasks(Core core, TaskShape shape, string channel)
{
    // They show where a thread stands or end it; neither waits for anything.
    private static readonly string[] NeverTasks = ["get_thread", "cancel_thread", CardTool.AnswerName, CardTool.FollowName];

    public void Apply(McpServerOptions options)
    {
        TasksExtension.Advertise(options);
        options.RequestHandlers ??= [];
        Handle("tasks/get", (request, thread, caller) => Task.FromResult(shape.Of(thread, caller.Principal, request).Json()));
        Handle("tasks/update", async (request, thread, caller) =>
        {
            await new TaskAnswers(core, shape, caller).Take(thread, request).ConfigureAwait(false);
            return [];
        });
        Handle("tasks/cancel", async (_, thread, caller) =>
        {
            await core.Host.Cancel(thread, caller.Responder, null, core.Access.Change(thread, caller.Principal, "cancel a task")).ConfigureAwait(false);
            return [];
        });
        options.Filters.Request.CallToolWithAlternateFilters.Add(async (request, next, cancellation) =>
        {
            var outcome = await next(request, cancellation).ConfigureAwait(false);
            return outcome.Result is { } result && Unfinished(request, result) is { } task ? task : outcome;
        });

        void Handle(string method, Func<JsonRpcRequest, ThreadId, Guest, Task<JsonObject>> answer) => options.RequestHandlers.Add(new()
        {
            Method = method,
            RoutingNameParameter = "taskId",
            Handler = async (request, _) => await Answered(request, answer).ConfigureAwait(false),
        });
    }

    private ResultOrAlternate<CallToolResult>? Unfinished(RequestContext<CallToolRequestParams> request, CallToolResult result)
    {
        if (core.Settings.Pause is PauseSetting.Result or PauseSetting.Elicit || !TasksExtension.IsDeclaredIn(request.JsonRpcRequest)
            || request.MatchedPrimitive is not ThreadTool || NeverTasks.Contains(request.Params.Name)
            || result.StructuredContent is not { } shown || !ThreadId.TryParse(shown.GetProperty("thread_id").GetString(), out var thread))
        {
            return null;
        }

        // Read anew: it is stored, so tasks/get finds it, and it may have moved on meanwhile.
        var task = shape.Of(thread, Principal.Of(request.User), request.JsonRpcRequest);
        return IsWorthIt(task.State) ? ResultOrAlternate<CallToolResult>.FromAlternate(CreatedTask.Of(task), TaskJson.Default.CreatedTask) : null;
    }

    // A call that waits for a person has offered its form already, and was not answered; only who wants nothing but tasks gets one for that.
    private bool IsWorthIt(TaskState state) => state.Status == TaskState.Working || (state.Status == TaskState.InputRequired && core.Settings.Pause == PauseSetting.Task);

    private async Task<JsonNode?> Answered(JsonRpcRequest request, Func<JsonRpcRequest, ThreadId, Guest, Task<JsonObject>> answer)
    {
        TasksExtension.Require(request);
        var id = request.Params?["taskId"] is JsonValue value && value.TryGetValue<string>(out var text) ? text
            : throw new McpProtocolException($"{request.Method} needs a taskId.", McpErrorCode.InvalidParams);
        try
        {
            var json = ThreadId.TryParse(id, out var thread)
                ? await answer(request, thread, Guest.Of(request.Context?.User, channel)).ConfigureAwait(false)
                : throw Unknown(id);
            json.Insert(0, "resultType", "complete");
            return json;
        }
        catch (RefusedException e) when (e.Code == RefusalCode.ThreadNotFound)
        {
            throw Unknown(id);
        }
        catch (RefusedException e)
        {
            throw new McpProtocolException(e.Message, McpErrorCode.InvalidParams);
        }
        catch (Exception e) when (e is DatabaseException or InvalidDataException)
        {
            throw new McpProtocolException($"The task {id} cannot be read. {e.Message}", McpErrorCode.InternalError);
        }
    }

    private static McpProtocolException Unknown(string id) => new($"There is no task {id}.", McpErrorCode.InvalidParams);
}

internal sealed class CreatedTask : Result
{
    public static CreatedTask Of(ThreadTask task) => new()
    {
        ResultType = "task",
        Task = task.Seed().ToDictionary(field => field.Key, field => JsonSerializer.SerializeToElement(field.Value, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonNode)))),
    };

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Task { get; set; }
}

[JsonSerializable(typeof(CreatedTask))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class TaskJson : JsonSerializerContext;
