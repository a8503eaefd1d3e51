using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Upstream;

namespace AgentMcp.Server.Tests.Operations;

/// <summary>
/// Three real processes and a collector: a thread pauses in a process over pipes, goes on in one over HTTP, and calls an
/// agent of a second server from both.
/// </summary>
public sealed class One_trace_follows_a_thread
{
    private const string Trace = "11111111111111111111111111111111";
    private const string Caller = "2222222222222222";

    // How the processes are connected, which depends on who was first to need whom.
    private static readonly string[] Transport = ["POST", "POST /mcp/", "server/discover", "tools/list"];

    [Fact]
    public async Task Over_pauses_processes_and_servers()
    {
        await using var collector = new Collector();
        using var office = new Office();
        using var there = new TestFolder();
        await using var far = await RunningServer.Start(Running.Transport.Http, there.Database,
            settings: new Dictionary<string, string> { ["otlp"] = collector.Url, ["telemetry_content"] = "on" });
        await using var plain = new TellingServer();
        office.With("far", new { url = far.Url!.ToString() }).With("plain", new { url = plain.Url })
            .Agent("chief", "tools: [far.calculator, plain.trace]\ngates: { far.calculator: none, plain.trace: none }");

        var first = await office.Start(Running.Transport.Stdio, new() { ["otlp"] = collector.Url });
        var asked = await first.Send("tools/call", new JsonObject
        {
            ["name"] = "chief",
            ["arguments"] = new JsonObject { ["message"] = "a confidential plan" },
            ["_meta"] = new JsonObject { ["traceparent"] = $"00-{Trace}-{Caller}-01" },
        });
        var thread = asked.GetProperty("structuredContent").GetProperty("thread_id").GetString()!;
        await Until(first, await first.Next(thread, new { intent = "far.calculator", message = "divide 3 by 4" }), "approval");
        await first.DisposeAsync();

        await using var second = await office.Start(Running.Transport.Http, new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        });
        await Until(second, await second.Do("resume_thread", new { thread_id = thread, approved = true }), "next_step");
        while (!collector.Points.Any(point => point.Name == "agentmcp.requests.open" || point.Name == "agentmcp.threads.current"))
        {
            await second.Do("wait_thread", new { thread_id = thread, wait_seconds = 0.2 });
        }

        await Until(second, await second.Next(thread, new { intent = "plain.trace" }), "next_step");
        Assert.Equal("completed", (await second.Next(thread, new { intent = "done_for_now", message = "Done." })).Status);
        Assert.Equal(0, await second.Terminate());
        Assert.Equal(0, await far.Terminate());

        Assert.Empty(collector.Errors);
        Assert.StartsWith($"00-{Trace}-", plain.Told);
        string Name(int process) => process == far.ProcessId ? "there" : process == second.ProcessId ? "second" : "first";
        Assert.Equal(
            """
            first tools/call chief
              first invoke_agent chief
                first invoke_agent chief <- tools/call resume_thread
                  first execute_tool far.calculator
                    there tools/call calculator
                      there invoke_agent calculator
                        there chat rules
                        there invoke_agent calculator <- tools/call resume_thread
                          there execute_tool divide
                          there chat rules
                second invoke_agent chief <- tools/call resume_thread
                  second execute_tool far.calculator
                    there tools/call resume_thread
                second invoke_agent chief <- tools/call resume_thread
                  second execute_tool plain.trace
                second invoke_agent chief <- tools/call resume_thread
            """, Tree(collector, Name));
        Attributes(collector, thread);
        Metrics(collector);
        Lines(collector, Name);
        Content(collector, Name);
    }

    private static void Attributes(Collector collector, string thread)
    {
        Assert.Equal(
            [
                "agentmcp.request.kind=next_step agentmcp.thread.status=pending agentmcp.thread.version=2",
                "agentmcp.request.kind=approval agentmcp.thread.status=pending agentmcp.thread.version=6",
                "agentmcp.request.kind=next_step agentmcp.thread.status=pending agentmcp.thread.version=10",
                "agentmcp.request.kind=next_step agentmcp.thread.status=pending agentmcp.thread.version=15",
                "agentmcp.thread.status=completed agentmcp.thread.version=18",
            ], collector.Spans.Where(span => span.Name == "invoke_agent chief").OrderBy(span => span.Start).Select(span => Said(span, "agentmcp.")));
        Assert.All(collector.Spans.Where(span => span.Name == "invoke_agent chief"), span => Assert.Equal(
            $"gen_ai.agent.name=chief gen_ai.conversation.id={thread} gen_ai.operation.name=invoke_agent gen_ai.provider.name=agentmcp", Said(span, "gen_ai.")));
        Assert.All(collector.Spans.Where(span => span.Name == "execute_tool far.calculator"), span => Assert.Equal(
            $"gen_ai.conversation.id={thread} gen_ai.operation.name=execute_tool gen_ai.tool.call.id=call_4 gen_ai.tool.name=far.calculator gen_ai.tool.type=extension", Said(span, "gen_ai.")));
        Assert.All(collector.Spans.Where(span => span.Attributes.ContainsKey("url.full")), span => Assert.Equal("/", new Uri(span.Attributes["url.full"]).PathAndQuery));
        Assert.DoesNotContain(collector.Spans, span => span.IsError || span.Attributes.ContainsKey("url.path"));
    }

    private static void Metrics(Collector collector)
    {
        var ours = collector.Points.Select(point => point.ToString()).Where(point => point.StartsWith("agentmcp.", StringComparison.Ordinal) || point.StartsWith("gen_ai.", StringComparison.Ordinal)).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "agentmcp.transitions agent=chief transition=started", "agentmcp.transitions agent=chief transition=paused",
                "agentmcp.transitions agent=chief transition=resumed", "agentmcp.transitions agent=chief transition=completed",
                "agentmcp.threads agent=calculator status=completed", "agentmcp.steps agent=calculator intent=divide model=rules outcome=chosen",
                "agentmcp.calls agent=chief intent=far.calculator outcome=returned", "agentmcp.call.duration agent=calculator intent=divide",
                "agentmcp.requests agent=calculator kind=approval", "agentmcp.request.wait agent=calculator end=answered kind=approval",
                "agentmcp.queue.wait ", "gen_ai.client.operation.duration gen_ai.operation.name=chat gen_ai.provider.name=agentmcp gen_ai.request.model=rules",
                "agentmcp.threads.current status=pending",
            }, ours);
    }

    // A line knows the run it belongs to.
    private static void Lines(Collector collector, Func<int, string> name) => Assert.Equal(
        [
            "first started invoke_agent chief", "first paused invoke_agent chief", "first resumed invoke_agent chief", "first paused invoke_agent chief",
            "second resumed invoke_agent chief", "second paused invoke_agent chief", "second resumed invoke_agent chief", "second paused invoke_agent chief", "second resumed invoke_agent chief", "second completed invoke_agent chief",
        ],
        collector.Lines.Where(line => line.Attributes.GetValueOrDefault("Agent") == "chief").OrderBy(line => line.Time).Select(line =>
            $"{name(line.Process)} {line.Text.Split(' ')[3].TrimEnd(':')} {collector.Spans.Single(span => span.Trace == line.Trace && span.Id == line.Span).Name}"));

    // Only the server that was told to records what was said.
    private static void Content(Collector collector, Func<int, string> name)
    {
        Assert.False(collector.Holds("a confidential plan"));
        Assert.Equal(["there"], collector.Spans.Where(span => span.Attributes.ContainsKey("gen_ai.input.messages")).Select(span => name(span.Process)).Distinct());
        Assert.Equal("""{"a":3,"b":4}""", collector.Spans.Single(span => span.Name == "execute_tool divide").Attributes["gen_ai.tool.call.arguments"]);
    }

    private static string Said(Collector.Span span, string prefix) => string.Join(' ', span.Attributes
        .Where(tag => tag.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));

    private static string Tree(Collector collector, Func<int, string> name)
    {
        var all = collector.Spans.OrderBy(span => span.Start).ToList();
        return string.Join('\n', Below(Caller, 0));

        IEnumerable<string> Below(string parent, int depth) => all.Where(span => span.Trace == Trace && span.Parent == parent && !Transport.Contains(span.Name))
            .SelectMany(span => Below(span.Id, depth + 1).Prepend($"{new string(' ', depth * 2)}{name(span.Process)} {span.Name}{Link(span)}"));

        // The SDK links its own spans to the request that brought them.
        string Link(Collector.Span span) => span.Name.StartsWith("invoke_agent", StringComparison.Ordinal) && span.Links is [var to]
            ? $" <- {all.Single(other => other.Id == to).Name}" : "";
    }

    private static async Task<Reply> Until(RunningServer server, Reply reply, string kind)
    {
        while (reply.Status == "running" || reply.Kind != kind)
        {
            reply = await server.Do("wait_thread", new { thread_id = reply.ThreadId, wait_seconds = 0.5 });
        }

        return reply;
    }
}
