using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tools;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Tasks;

/// <summary>
/// A thread as a task: the task is the thread, and nothing of it is stored. A task stands for a call, so it is over
/// once the thread ends or waits for something this client cannot give in a form; its result is then what the call
/// would have returned. A thread that failed is such a result too: <c>failed</c> is for errors of the protocol alone.
/// </summary>
internal sealed class TaskShape(Core core)
{
    public ThreadTask Of(ThreadLog log, JsonRpcRequest client)
    {
        var thread = log.Thread;
        // What a thread waits for through others is asked of its own client.
        var waiting = new WaitingFor(core.Host.Chain(log));
        var asking = FormFor(waiting, client);
        return new(
            new(Status(waiting, asking), NextMove.Sentence(waiting), asking?.Id), thread,
            asking is null ? null : ElicitationForm.Of(asking.Log.Thread.Start.Agent, asking.Open.Asked, client.Context?.ProtocolVersion), () => ThreadTool.Shown(core, log))
        {
            Below = [.. waiting.Chain.Skip(1).Select(below => below.Thread)],
        };
    }

    private static string Status(WaitingFor waiting, Asking? form) => waiting.Thread.Status switch
    {
        ThreadStatus.Cancelled => TaskState.Cancelled,
        ThreadStatus.Completed or ThreadStatus.Failed => TaskState.Completed,
        _ when form is not null => TaskState.InputRequired,
        // What nobody has to answer goes on by itself.
        ThreadStatus.Pending when waiting.Answerable.Count > 0 => TaskState.Completed,
        _ => TaskState.Working,
    };

    /// <summary>Whether this principal can answer it in a form of the client. One who closed the form is not asked again through it.</summary>
    public bool IsOutstanding(Asking asking, Principal who) =>
        ElicitationForm.IsFor(asking.Open.Asked) && AccessRules.Counts(asking.Open.Asked, asking.Log.Thread.Start.Principal, who, core.Settings.Approvals)
            && !asking.Log.Last(asking.Log.Thread.Version - asking.Open.Id.Version).Any(later => later is AnswerRefused { Channel: FormAnswer.Channel } closed && closed.Request == asking.Open.Id);

    private Asking? FormFor(WaitingFor waiting, JsonRpcRequest client) => !ShowsForms(client) ? null
        : waiting.All.FirstOrDefault(asking => IsOutstanding(asking, Principal.Of(client.Context?.User)));

    private static bool ShowsForms(JsonRpcRequest client) =>
        client.Context?.ClientCapabilities?.Elicitation is { } elicitation && (elicitation.Form is not null || elicitation.Url is null);
}

/// <summary>What a client is told of when it changes.</summary>
internal sealed record TaskState(string Status, string Message, string? Request)
{
    public const string Working = "working";
    public const string InputRequired = "input_required";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
}

internal sealed record ThreadTask(TaskState State, AgentThread Thread, ElicitRequestParams? Form, Func<CallToolResult> Result)
{
    private const int PollMilliseconds = 1000;

    /// <summary>The threads it waits for, whose moves are moves of the task.</summary>
    public IReadOnlyList<AgentThread> Below { get; init; } = [];

    /// <summary>As it is when it is made: without what only <c>tasks/get</c> tells.</summary>
    public JsonObject Seed() => new()
    {
        ["taskId"] = Thread.Id.Value,
        ["status"] = State.Status,
        ["statusMessage"] = State.Message,
        ["createdAt"] = Moment(Thread.Start.At),
        ["lastUpdatedAt"] = Moment(Thread.UpdatedAt),
        // Threads are kept.
        ["ttlMs"] = null,
        ["pollIntervalMs"] = PollMilliseconds,
    };

    public JsonObject Json()
    {
        var json = Seed();
        if (Form is not null)
        {
            json["inputRequests"] = new JsonObject { [State.Request!] = new JsonObject { ["method"] = RequestMethods.ElicitationCreate, ["params"] = Node(Form) } };
        }
        else if (State.Status == TaskState.Completed)
        {
            var result = Result();
            result.ResultType = "complete";
            json["result"] = Node(result);
        }

        return json;
    }

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T)));

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}
