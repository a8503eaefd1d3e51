using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Benchmarks;

/// <summary>
/// What no server of this SDK can do W1 without: the calls of a W1 store the events that agentmcp stores for them, in one commit
/// of the same store, and return the results that it returned, with another id. No agent, no model, no schema, no
/// rule about who may do what, nobody told of anything.
/// </summary>
internal sealed class FloorTool(string name, Func<CallToolRequestParams, Task<ThreadId>> run, string answer) : McpServerTool
{
    private static readonly JsonText Message = JsonText.Parse("""{"message":"divide 3 by 4"}""");
    private static readonly JsonText Numbers = JsonText.Parse("""{"a":3,"b":4}""");
    private static readonly JsonText Output = JsonText.Parse("""{"message":"The result is 0.75."}""");

    // The result in two parts, the sentence and the JSON, with nothing where the id belongs.
    private readonly string[] _text = Parts(JsonElement.Parse(answer).GetProperty("content")[0].GetProperty("text").GetString()!);
    private readonly string[] _json = Parts(JsonElement.Parse(answer).GetProperty("structuredContent").GetRawText());

    public override Tool ProtocolTool { get; } = new() { Name = name, InputSchema = JsonElement.Parse("""{"type":"object"}""") };

    public override IReadOnlyList<object> Metadata => [];

    /// <summary>The two tools of a W1, as agentmcp calls them.</summary>
    /// <param name="pending">What agentmcp says to the one.</param>
    /// <param name="done">And to the other.</param>
    public static McpServerPrimitiveCollection<McpServerTool> Both(string path, string pending, string done)
    {
        var database = Database.Open(path);
        var store = new ThreadStore(database, new Owner(database));
        return
        [
            new FloorTool("calculator", _ => Start(store), pending),
            new FloorTool("resume_thread", call => Resume(store, ThreadId.Parse(call.Arguments!["thread_id"].GetString()!)), done),
        ];
    }

    public override async ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        var id = (await run(request.Params!).ConfigureAwait(false)).Value;
        return new() { Content = [new TextContentBlock { Text = string.Join(id, _text) }], StructuredContent = JsonElement.Parse(string.Join(id, _json)), IsError = false };
    }

    private static async Task<ThreadId> Start(ThreadStore store)
    {
        var now = DateTimeOffset.UtcNow;
        var id = ThreadId.New(now);
        await store.Start(ThreadLog.Of(id,
        [
            new ThreadStarted(now, "calculator", "sha256:4cd613259268cfcbd42a3c268bc6c190a849a72c23a67fc374adcd4166cb53a3", Message, "local", "http", "message_received"),
            new StepChosen(now, "divide", Numbers, "rules"),
            new RequestOpened(now, RequestKind.Approval, "Run divide with a 3, b 4?", Action: ActionDigest.Bind("divide", Numbers)),
        ]), null, takeLease: false).ConfigureAwait(false);
        return id;
    }

    private static async Task<ThreadId> Resume(ThreadStore store, ThreadId id)
    {
        var now = DateTimeOffset.UtcNow;
        ThreadEvent[] events =
        [
            new RequestAnswered(now, new(3), "local", "http", Approved: true),
            new ToolStarted(now, new CallId(2), 1),
            new ToolReturned(now, new CallId(2), JsonText.Parse("0.75")),
            new StepChosen(now, "done_for_now", Output, "rules"),
            new ThreadCompleted(now, Output),
        ];
        await store.Save((store.Known(id) ?? store.Read(id)).With(events), events.Length).ConfigureAwait(false);
        return id;
    }

    private static string[] Parts(string text) =>
        text.Split(text.AsSpan(text.IndexOf("thr_", StringComparison.Ordinal), 36).ToString());
}
