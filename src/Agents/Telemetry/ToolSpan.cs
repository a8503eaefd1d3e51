using System.Diagnostics;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Telemetry;

/// <summary>One attempt of a call as a span. What the tool does is done within it, so a server that it calls goes on with the trace.</summary>
internal static class ToolSpan
{
    public static Activity? Start(Tool tool, ThreadId thread, CallId call, int attempt, JsonText arguments)
    {
        var span = Tracing.Source.StartActivity($"execute_tool {tool.Name}", ActivityKind.Internal, default(ActivityContext),
            [
                new("gen_ai.operation.name", "execute_tool"), new("gen_ai.tool.name", tool.Name), new("gen_ai.tool.call.id", call.ToString()),
                new("gen_ai.tool.type", tool.Elsewhere is null ? "function" : "extension"), new("gen_ai.conversation.id", thread.Value), new("agentmcp.call.attempt", attempt),
            ]);
        span.Content("gen_ai.tool.call.arguments", () => arguments.Text);
        return span;
    }

    public static async Task<ThreadCommand?> Around(Tool tool, AgentThread thread, Call call, Func<Task<ThreadCommand?>> run)
    {
        using var span = Start(tool, thread.Id, call.Id, call.Attempt, call.Bound);
        var outcome = await run().ConfigureAwait(false);
        FirstOfEach(span);
        switch (outcome)
        {
            case ReturnTool { Result: var result }:
                span.Content("gen_ai.tool.call.result", () => result.Text);
                break;
            case OpenARequest { Kind: RequestKind.InDoubt }:
                span.Failed("outcome_unknown");
                break;
            case OpenARequest { Kind: var kind }:
                span?.SetTag("agentmcp.request.kind", WireName.Of(kind));
                break;
            case FailTool:
                span.Failed("tool_failed");
                break;
            case null:
                span.Failed("cancelled");
                break;
        }

        return outcome;
    }

    // A client of the protocol adds what it knows of its requests to the span it finds, each time anew; a name may be there only once.
    private static void FirstOfEach(Activity? span)
    {
        foreach (var same in span?.TagObjects.GroupBy(tag => tag.Key).Where(group => group.Count() > 1).ToList() ?? [])
        {
            foreach (var tag in same)
            {
                span!.SetTag(tag.Key, null);
            }

            span!.SetTag(same.Key, same.First().Value);
        }
    }
}
