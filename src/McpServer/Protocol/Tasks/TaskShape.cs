using System.Text.Json;
using System.Text.Json.Nodes;
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
        var chain = core.Host.Chain(log);
        var tip = chain[^1];
        var form = FormFor(tip, client);
        return new(
            new(Status(thread, tip.Thread, form), NextMove.Sentence(thread, tip.Thread), form is null ? null : tip.Thread.OpenRequests[0].Id.In(tip.Thread.Id)),
            thread, form, () => ThreadTool.Shown(core, log))
        {
            Below = [.. chain.Skip(1).Select(below => below.Thread)],
        };
    }

    private static string Status(AgentThread thread, AgentThread tip, ElicitRequestParams? form) => thread.State switch
    {
        ThreadState.Cancelled => TaskState.Cancelled,
        ThreadState.Completed or ThreadState.Failed => TaskState.Completed,
        ThreadState.Waiting when form is not null => TaskState.InputRequired,
        // These go on by themselves.
        ThreadState.Waiting when tip.State is not ThreadState.Waiting { Request.Asked.Kind: not (RequestKind.Sleep or RequestKind.Child) } => TaskState.Working,
        ThreadState.Waiting => TaskState.Completed,
        _ => TaskState.Working,
    };

    /// <summary>The request this principal can answer in a form of the client. One who closed the form is not asked again through it.</summary>
    public static OpenRequest? Outstanding(ThreadLog log, string principal) =>
        log.Thread.State is ThreadState.Waiting { Request: { } open } && ElicitationForm.IsFor(open.Asked)
            && open.Asked.Responders?.Contains(principal, StringComparer.OrdinalIgnoreCase) != false
            && !log.Last(log.Thread.Version - open.Id.Version).Any(later => later is AnswerRefused { Channel: FormAnswer.Channel })
            ? open : null;

    private static ElicitRequestParams? FormFor(ThreadLog log, JsonRpcRequest client) =>
        ShowsForms(client) && Outstanding(log, client.Context?.User?.Identity?.Name ?? Principals.Local) is { } open
            ? ElicitationForm.Of(log.Thread.Start.Agent, open.Asked, client.Context?.ProtocolVersion) : null;

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
