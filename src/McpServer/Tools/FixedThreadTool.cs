using AgentMcp.Agents;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tools;

/// <summary>The tools that concern one thread and never change: what they take is in one table, what they do in one line each.</summary>
internal sealed class FixedThreadTool(Tool tool, Core core, PausedCalls calls, string channel, FixedThreadTool.Body body) : ThreadTool(tool, core, calls, channel)
{
    public delegate Task<CallToolResult> Body(FixedThreadTool self, RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation);

    public static IEnumerable<FixedThreadTool> All(Core core, PausedCalls calls, string channel)
    {
        yield return Make("get_thread", "Show where a thread stands, without waiting.",
            """{"thread_id":{"type":"string"},"include_events":{"type":"boolean","description":"Also return its event log."}}""", ["thread_id"], Reads,
            (self, request, a, _) => Task.FromResult(self.Show(self.Access.Get(a.Thread(), self.CallerOf(request).Principal), a.Flag("include_events") == true)));

        yield return Make("wait_thread", "Wait until a thread needs something or ends, but at most wait_seconds.",
            """{"thread_id":{"type":"string"},"wait_seconds":{"type":"number","minimum":0}}""", ["thread_id"], Reads,
            (self, request, a, cancellation) => self.WaitFor(a.Thread(), a.Number(Reserved.Wait), request, cancellation));

        yield return Make("resume_thread",
            "Answer what a pending thread asks, or speak to a completed one, and let it go on. Answer for the user only what the user said.",
            """
            {"thread_id":{"type":"string"},
             "request_id":{"type":"string","description":"Which request; may be left out while exactly one is open."},
             "approved":{"type":"boolean","description":"For an approval or a budget: yes or no."},
             "approved_with_changes":{"type":"object","description":"In place of approved: yes, but with these arguments; only where the request's action has changes_schema, and only as the user said."},
             "response":{"description":"For anything else: the answer, in the form of the request's schema."},
             "comment":{"type":"string","description":"Why; the agent reads it."},
             "wait_seconds":{"type":"number","minimum":0}}
            """, ["thread_id"], Changes with { IdempotentHint = false }, Resume);

        yield return Make("cancel_thread", "End a thread for good. What has happened stays.",
            """{"thread_id":{"type":"string"},"reason":{"type":"string"}}""", ["thread_id"], Changes,
            async (self, request, a, _) =>
            {
                var (thread, caller) = (a.Thread(), self.CallerOf(request));
                var owner = self.Access.Change(thread, caller.Principal, "cancel a thread");
                var before = self.Host.Get(thread, owner).Thread;
                await self.Host.Cancel(thread, caller.Responder, a.Text("reason"), owner).ConfigureAwait(false);
                var after = self.Host.Get(thread, owner);
                return self.Show(after, note: after.Thread.Version == before.Version ? "Nothing was cancelled: the thread had already ended. " : "");
            });

        yield return Make("fork_thread", "Copy a thread up to a version under a new id and let the copy go on; the original is untouched.",
            """{"thread_id":{"type":"string"},"at_version":{"type":"integer","minimum":1},"wait_seconds":{"type":"number","minimum":0}}""", ["thread_id", "at_version"], Adds,
            async (self, request, a, cancellation) =>
            {
                var caller = self.CallerOf(request);
                var owner = self.Access.Fork(a.Thread(), caller.Principal);
                var fork = await self.Host.Fork(a.Thread(), (int)a.Number("at_version")!.Value, caller.Responder, owner).ConfigureAwait(false);
                return await self.WaitFor(fork, a.Number(Reserved.Wait), request, cancellation).ConfigureAwait(false);
            });

        yield return Make("invoke_agent", "Start a microagent by name. The same as calling its own tool, for clients that do not see it.",
            """
            {"agent":{"type":"string"},"input":{"type":"object","description":"The agent's input; list_agents shows its schema."},
             "idempotency_key":{"type":"string","minLength":1,"maxLength":200},"wait_seconds":{"type":"number","minimum":0}}
            """, ["agent", "input"], Adds with { DestructiveHint = true },
            (self, request, a, cancellation) => AgentTool.Start(a.Text("agent")!, a.Value("input")!.Value, request, a, self, cancellation));

        FixedThreadTool Make(string name, string description, string properties, string[] required, Hints hints, Body body) => new(new()
        {
            Name = name,
            Title = name,
            Description = description,
            InputSchema = core.Settings.RoutingHeaders ? RoutingHeaders.In(ObjectSchema(properties, required)) : ObjectSchema(properties, required),
            OutputSchema = ThreadResult.Schema.Element(),
            Annotations = hints.ToAnnotations(),
            Icons = name == "invoke_agent" ? Icons.Agent : Icons.Thread,
        }, core, calls, channel, body);
    }

    internal static System.Text.Json.JsonElement ObjectSchema(string properties, string[] required) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WritePropertyName("properties");
        writer.WriteRawValue(JsonText.Parse(properties).Text, skipInputValidation: true);
        writer.WriteStartArray("required");
        Array.ForEach(required, writer.WriteStringValue);
        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }).Element();

    internal static readonly Hints Reads = new(ReadOnlyHint: true, DestructiveHint: false, IdempotentHint: true);
    private static readonly Hints Changes = new(ReadOnlyHint: false, DestructiveHint: true, IdempotentHint: true);
    private static readonly Hints Adds = new(ReadOnlyHint: false, DestructiveHint: false, IdempotentHint: false);

    protected override Task<CallToolResult> Begin(RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation) =>
        body(this, request, arguments, cancellation);

    private static async Task<CallToolResult> Resume(FixedThreadTool self, RequestContext<CallToolRequestParams> request, Arguments a, CancellationToken cancellation)
    {
        var (thread, caller) = (a.Thread(), self.CallerOf(request));
        var named = self.RequestOf(thread, self.Access.OwnerOf(thread, caller.Principal), a.Text("request_id"));
        var (asking, asked, owner) = self.Access.ToAnswer(thread, named, caller.Principal);
        var (approved, changes) = (a.Flag("approved"), a.Value("approved_with_changes"));
        ThreadLog answered;
        try
        {
            answered = await self.Host.Answer(asking, caller.Responder, asked,
                approved ?? (changes is null ? null : true), a.Value("response"), a.Text("comment"), changes, owner).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Code == RefusalCode.HumanRequired && self.PageOf(asking, owner, asked) is { } page)
        {
            throw new RefusedException(e.Code, $"{e.Message} A person can also answer at {page}.");
        }

        return await self.WaitFor(thread, a.Number(Reserved.Wait), request, cancellation, known: answered.Thread.Id == thread ? answered : null, answered: (asking, owner)).ConfigureAwait(false);
    }

    // A request of whatever the thread called is answered where it was asked.
    private (ThreadId Asking, RequestId Request)? RequestOf(ThreadId thread, string owner, string? text) => text switch
    {
        null => null,
        _ when RequestId.TryParse(text, out var asking, out var request) && (asking == thread || Host.IsBelow(asking, thread, owner)) => (asking, request),
        _ => throw new RefusedException(RefusalCode.RequestNotFound,
            $"'{text}' is not a request of {thread}. Call get_thread: the ids of its open requests are under requests."),
    };

    internal sealed record Hints(bool ReadOnlyHint, bool DestructiveHint, bool IdempotentHint)
    {
        public ToolAnnotations ToAnnotations() =>
            new() { ReadOnlyHint = ReadOnlyHint, DestructiveHint = DestructiveHint, IdempotentHint = IdempotentHint, OpenWorldHint = !ReadOnlyHint };
    }
}
