using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Tasks;

/// <summary>
/// A thread as a task: the task is the thread, and nothing of it is stored. A task stands for a call, so it is over
/// once the thread ends or waits for something this client cannot give in a form; its result is then what the call
/// would have returned. A thread that failed is such a result too: <c>failed</c> is for errors of the protocol alone, as
/// when a log cannot be read.
/// </summary>
internal sealed class TaskShape(Core core)
{
    /// <exception cref="RefusedException">There is no such thread for this principal.</exception>
    public ThreadTask Of(ThreadId id, Principal who, JsonRpcRequest client)
    {
        var owner = core.Access.OwnerOf(id, who);
        try
        {
            return Of(core.Host.Get(id, owner), client);
        }
        catch (Exception e) when (TaskState.IsFailure(e))
        {
            var row = core.Search.Row(id, owner) ?? throw ThreadStore.NotFound(id);
            return new(TaskState.FailedFor(e), id,
                DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAt), []);
        }
    }

    public ThreadTask Of(ThreadLog log, JsonRpcRequest client)
    {
        var thread = log.Thread;
        // What a thread waits for through others is asked of its own client.
        var waiting = new WaitingFor(core.Host.Chain(log));
        var asked = FormsFor(waiting, client);
        return new(
            new(Status(waiting, asked.Count > 0), NextMove.Sentence(waiting), string.Join(' ', asked.Select(asking => asking.Id))), thread.Id, thread.Start.At, thread.UpdatedAt,
            [.. asked.Select(asking => (asking.Id, ElicitationForm.Of(asking.Log.Thread.Start.Agent, asking.Open.Asked, client.Context?.ProtocolVersion)))])
        {
            Result = () => ThreadTool.Shown(core, log),
            Below = [.. waiting.Chain.Skip(1).Select(below => below.Thread)],
        };
    }

    private static string Status(WaitingFor waiting, bool hasForms) => waiting.Thread.Status switch
    {
        ThreadStatus.Cancelled => TaskState.Cancelled,
        ThreadStatus.Completed or ThreadStatus.Failed => TaskState.Completed,
        _ when hasForms => TaskState.InputRequired,
        // What nobody has to answer goes on by itself.
        ThreadStatus.Pending when waiting.Answerable.Count > 0 => TaskState.Completed,
        _ => TaskState.Working,
    };

    /// <summary>Whether this principal can answer it in a form of the client. It can also where a form was closed since: hosts close them by themselves.</summary>
    public bool CanAnswer(Asking asking, Principal who) =>
        ElicitationForm.IsFor(asking.Open.Asked) && AccessRules.Counts(asking.Open.Asked, asking.Log.Thread.Start.Principal, who, core.Settings.Approvals);

    /// <summary>Whether the form is shown: who closed it is not asked again through it.</summary>
    public bool IsShown(Asking asking, Principal who) =>
        CanAnswer(asking, who) && !asking.Log.Last(asking.Log.Thread.Version - asking.Open.Id.Version)
            .Any(later => later is AnswerRefused { Channel: FormAnswer.Channel } closed && closed.Request == asking.Open.Id && closed.By == who.Id);

    // All that is open at the same time: a workflow may have asked in several branches.
    private IReadOnlyList<Asking> FormsFor(WaitingFor waiting, JsonRpcRequest client) => !ShowsForms(client) ? []
        : [.. waiting.All.Where(asking => IsShown(asking, Principal.Of(client.Context?.User)))];

    private static bool ShowsForms(JsonRpcRequest client) =>
        client.Context?.ClientCapabilities?.Elicitation is { } elicitation && (elicitation.Form is not null || elicitation.Url is null);
}

/// <summary>What a client is told of when it changes.</summary>
/// <param name="Requests">The ids of what its forms ask.</param>
internal sealed record TaskState(string Status, string Message, string Requests)
{
    public const string Working = "working";
    public const string InputRequired = "input_required";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
    public const string Failed = "failed";

    /// <summary>A task that has failed is over: what may pass is not said of it.</summary>
    public static bool IsFailure(Exception e) => DatabaseException.IsOfOneLog(e) && !DatabaseException.IsOfDisk(e);

    public static TaskState FailedFor(Exception e) => new(Failed, $"The thread's log cannot be read. {e.Message}", "");
}

internal sealed record ThreadTask(
    TaskState State, ThreadId Id, DateTimeOffset Created, DateTimeOffset Updated, IReadOnlyList<(string Request, ElicitRequestParams Form)> Forms)
{
    private const int PollMilliseconds = 1000;

    /// <summary>What the call would have returned; null where there is nothing to be read.</summary>
    public Func<CallToolResult>? Result { get; init; }

    /// <summary>The threads it waits for, whose moves are moves of the task.</summary>
    public IReadOnlyList<AgentThread> Below { get; init; } = [];

    /// <summary>As it is when it is made: without what only <c>tasks/get</c> tells.</summary>
    public JsonObject Seed() => new()
    {
        ["taskId"] = Id.Value,
        ["status"] = State.Status,
        ["statusMessage"] = State.Message,
        ["createdAt"] = Moment(Created),
        ["lastUpdatedAt"] = Moment(Updated),
        // Threads are kept.
        ["ttlMs"] = null,
        ["pollIntervalMs"] = PollMilliseconds,
    };

    /// <summary>As <c>tasks/get</c> tells it. The result may need what nobody can read, as what its agent was when it began: then the task has failed.</summary>
    public JsonObject Json()
    {
        try
        {
            return Whole();
        }
        catch (Exception e) when (TaskState.IsFailure(e))
        {
            return (this with { State = TaskState.FailedFor(e) }).Whole();
        }
    }

    private JsonObject Whole()
    {
        var json = Seed();
        if (Forms.Count > 0)
        {
            json["inputRequests"] = new JsonObject(Forms.Select(asked => KeyValuePair.Create<string, JsonNode?>(
                asked.Request, new JsonObject { ["method"] = RequestMethods.ElicitationCreate, ["params"] = Node(asked.Form) })));
        }
        else if (State.Status == TaskState.Completed)
        {
            var result = Result!();
            result.ResultType = "complete";
            json["result"] = Node(result);
        }
        else if (State.Status == TaskState.Failed)
        {
            json["error"] = new JsonObject { ["code"] = (int)McpErrorCode.InternalError, ["message"] = State.Message };
        }

        return json;
    }

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T)));

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}
