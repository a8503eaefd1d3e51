using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Protocol.Apps;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tests.Apps;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

#pragma warning disable MCPEXP002 // the name a task request is routed by is experimental in the SDK

namespace AgentMcp.Server.Tests.Access;

/// <summary>
/// Each tool, resource, completion and task method is tried as each kind of principal on a thread of ana's, by a host that
/// shows cards, without sessions and in one. For whoever does not see the thread, all is word for word as with an id that
/// nobody has, and where somebody is refused, nothing has happened.
/// </summary>
public sealed class Every_tool_as_every_principal
{
    private const string Nobodys = "thr_0123456789abcdef0123456789abcdef";
    private static readonly string[] Principals = ["ana", "ben", "rea", "app", "adm", "res"];
    private static readonly string[] Blind = ["ben", "res"];

    /// <summary>
    /// What comes of it: ok, the code of a refusal, unknown where there is no such thing for the principal, without where the
    /// thread is not in the answer, or aside for an answer that is left there. THREAD asks for an approval, REQUEST, and DONE
    /// has ended; TOKEN is one that a card would have been given for the principal, which gives it no right.
    /// </summary>
    private static readonly (string What, string Arguments, string Outcomes)[] Rows =
    [
        ("list_agents", "{}", "ok ok ok ok ok ok"),
        ("list_threads", """{"limit":200}""", "ok without ok ok ok without"),
        ("get_thread", """{"thread_id":"THREAD"}""", "ok thread_not_found ok ok ok thread_not_found"),
        ("get_thread", """{"thread_id":"DONE"}""", "ok thread_not_found ok thread_not_found ok thread_not_found"),
        ("wait_thread", """{"thread_id":"THREAD","wait_seconds":0}""", "ok thread_not_found ok ok ok thread_not_found"),
        ("resume_thread", """{"thread_id":"THREAD","approved":true}""", "ok thread_not_found forbidden ok ok thread_not_found"),
        ("cancel_thread", """{"thread_id":"THREAD"}""", "ok thread_not_found forbidden forbidden ok thread_not_found"),
        ("fork_thread", """{"thread_id":"THREAD","at_version":1}""", "ok thread_not_found forbidden forbidden ok thread_not_found"),
        ("answer_request", """{"thread_id":"THREAD","request_id":"REQUEST","token":"TOKEN","approved":true}""", "ok thread_not_found forbidden ok ok thread_not_found"),
        ("answer_request", """{"thread_id":"THREAD","request_id":"REQUEST","token":"x","approved":true}""", "human_required thread_not_found human_required human_required human_required thread_not_found"),
        ("follow_thread", """{"thread_id":"THREAD","token":"TOKEN","wait_seconds":0}""", "ok thread_not_found ok ok ok thread_not_found"),
        ("follow_thread", """{"thread_id":"THREAD","token":"x","wait_seconds":0}""", "human_required human_required human_required human_required human_required human_required"),
        ("invoke_agent", """{"agent":"calculator","input":{"message":"add 1 and 2"}}""", "ok ok forbidden forbidden ok agent_not_found"),
        ("calculator", """{"message":"add 1 and 2"}""", "ok ok unknown unknown ok unknown"),
        ("deploybot", """{"message":"hello"}""", "ok ok unknown unknown ok unknown"),
        ("pipeline", "{}", "ok ok unknown unknown ok unknown"),
        ("rollback", "{}", "invalid_input invalid_input unknown unknown invalid_input invalid_input"),
        ("thread://THREAD", "", "ok unknown ok ok ok unknown"),
        ("thread://THREAD/transcript", "", "ok unknown ok ok ok unknown"),
        ("thread://DONE/output", "", "ok unknown ok unknown ok unknown"),
        ("agent://calculator", "", "ok ok ok ok ok unknown"),
        ("completion/complete", Asks("get_thread", "thread_id", ""), "ok without ok ok ok without"),
        ("completion/complete", Asks("get_thread", "thread_id", "THREAD"), "ok without ok ok ok without"),
        ("completion/complete", """{"ref":{"type":"ref/resource","uri":"thread://{id}/output"},"argument":{"name":"id","value":"DONE"}}""", "ok without ok without ok without"),
        ("completion/complete", Asks("resume_thread", "request_id", ""), "ok without ok ok ok without"),
        ("completion/complete", Asks("resume_thread", "request_id", "", "THREAD"), "ok without ok ok ok without"),
        ("tasks/get", "", "ok unknown ok ok ok unknown"),
        ("tasks/update", "\"inputResponses\":{\"REQUEST\":{\"action\":\"accept\",\"content\":{\"approve\":true}}},", "ok unknown aside ok ok unknown"),
        ("tasks/cancel", "", "ok unknown unknown unknown ok unknown"),
        ("subscriptions/listen", "\"resourceSubscriptions\":[\"thread://THREAD\"],\"taskIds\":[\"THREAD\"]", "ok unknown ok ok ok unknown"),
        ("resources/subscribe", "thread://THREAD", "ok unknown ok ok ok unknown"),
    ];

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task There_is_a_row_for_every_tool_and_each_answers_as_it_says()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ana", "run");
        await server.Key("ben", "run");
        await server.Key("rea", "read");
        await server.Key("app", "approve");
        await server.Key("adm", "admin");
        await server.Key("res", "run,read", "rollback");
        List<string> wrong = [];
        for (var i = 0; i < Principals.Length; i++)
        {
            await using var client = await server.Mcp(Principals[i], options: CardHost.Declares("text/html;profile=mcp-app"));
            await using var session = await server.Mcp(Principals[i], Ways.Sessions, CardHost.Declares("text/html;profile=mcp-app"));
            await using var plain = await server.Mcp(Principals[i]);
            foreach (var (way, host) in new[] { ("without a session", client), ("in a session", session), ("of a client that says more with each request", plain) })
            {
                var rows = Rows.Where(row => IsOfItsOwn(row.What) ? host == plain : host == session || (host == client && row.What != "resources/subscribe"));
                var tools = (await host.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(tool => tool.Name).ToHashSet();
                if (Principals[i] == "adm" && host != plain)
                {
                    Assert.Equal(tools, Rows.Select(row => row.What).Where(what => !what.Contains('/', StringComparison.Ordinal)).ToHashSet());
                }

                foreach (var row in rows)
                {
                    if (await Problem(server, host, tools, Principals[i], row, row.Outcomes.Split(' ')[i]) is { } problem)
                    {
                        wrong.Add($"{row.What} {row.Arguments} as {Principals[i]} {way}: {problem}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // These name in each request what the client can do.
    private static bool IsOfItsOwn(string what) => what == "subscriptions/listen" || what.StartsWith("tasks/", StringComparison.Ordinal);

    private static async Task<string?> Problem(GuardedServer server, McpClient client, HashSet<string> tools, string who, (string What, string Arguments, string Outcomes) row, string expected)
    {
        var (what, arguments) = (row.What, row.Arguments);
        var isDone = (what + arguments).Contains("DONE", StringComparison.Ordinal);
        var log = isDone ? await server.Settled("ana", "calculator", JsonText.Parse("""{"message":"add 1 and 2"}""")) : await server.Asking("ana");
        var (thread, before) = (log.Thread.Id.Value, server.Happened(log.Thread.Id));
        var came = await Try(client, In(what, server, who, thread), In(arguments, server, who, thread), thread);
        if (what == "tasks/update" && came.Outcome == "ok" && !server.Core.Host.Get(ThreadId.Parse(thread), "ana").Events.Any(happened => happened is RequestAnswered))
        {
            // It is acknowledged, as the protocol asks, and changes nothing.
            came = ("aside", came.Words);
        }

        if (came.Outcome != expected || (!what.Contains('/', StringComparison.Ordinal) && tools.Contains(what) == (expected == "unknown")))
        {
            return $"{came}, not {expected}";
        }

        // Whoever does not see the thread may begin one of its own.
        var after = server.Happened(log.Thread.Id);
        if (came.Outcome == "ok" ? Blind.Contains(who) && after.Events != before.Events : after != before)
        {
            return "something happened";
        }

        var none = Blind.Contains(who) ? await Try(client, In(what, server, who, Nobodys), In(arguments, server, who, Nobodys), Nobodys) : came;
        return came.Outcome is not ("ok" or "without") && none.Words.Replace(Nobodys[4..], thread[4..], StringComparison.Ordinal) != came.Words
            ? $"another's is {came}, nobody's is {none}" : null;
    }

    private static string Asks(string prompt, string name, string value, string? thread = null) =>
        $$$"""{"ref":{"type":"ref/prompt","name":"{{{prompt}}}"},"argument":{"name":"{{{name}}}","value":"{{{value}}}"}""" + (thread is null ? "}" : $$$""","context":{"arguments":{"thread_id":"{{{thread}}}"} } }""");

    private static string In(string text, GuardedServer server, string who, string thread)
    {
        var (id, asked) = (ThreadId.Parse(thread), new AgentMcp.State.Threads.RequestId(3));
        var tokens = new CardTokens(() => StateKey.Beside(server.Database), TimeSpan.FromHours(1), TimeProvider.System);
        return text.Replace("THREAD", thread, StringComparison.Ordinal).Replace("DONE", thread, StringComparison.Ordinal).Replace("REQUEST", asked.In(id), StringComparison.Ordinal)
            .Replace("TOKEN", tokens.Issue(id, text.Contains("REQUEST", StringComparison.Ordinal) ? asked : null, who), StringComparison.Ordinal);
    }

    private static async Task<(string Outcome, string Words)> Try(McpClient client, string what, string arguments, string thread)
    {
        try
        {
            return what switch
            {
                "resources/subscribe" => await Subscribe(client, arguments),
                "subscriptions/listen" when await Granted(client, arguments) is var given => (given.Contains(thread, StringComparison.Ordinal) ? "ok" : "unknown", given),
                "completion/complete" when await Send(client, what, arguments) is var offered => (offered.Contains(thread[4..], StringComparison.Ordinal) ? "ok" : "without", offered),
                _ when what.StartsWith("tasks/", StringComparison.Ordinal) => await Tell(client, what, arguments, thread),
                _ when what.Contains('/', StringComparison.Ordinal) => await Read(client, what),
                _ => await Call(client, what, arguments, thread),
            };
        }
        catch (McpException e)
        {
            return ("unknown", e.Message);
        }
    }

    private static async Task<(string, string)> Call(McpClient client, string tool, string arguments, string thread)
    {
        var result = await client.CallToolAsync(tool, JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments)!, cancellationToken: TestContext.Current.CancellationToken);
        var words = ((TextContentBlock)result.Content[0]).Text;
        return result is { IsError: true, StructuredContent: null } ? (words.Split(':')[0], words)
            : tool == "list_threads" && !result.StructuredContent!.Value.GetProperty("threads").EnumerateArray().Any(row => row.GetProperty("thread_id").GetString() == thread) ? ("without", words)
            : ("ok", words);
    }

    private static async Task<(string, string)> Read(McpClient client, string uri)
    {
        await client.ReadResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken);
        return ("ok", "");
    }

    private static async Task<(string, string)> Subscribe(McpClient client, string uri)
    {
        await client.SubscribeToResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken);
        return ("ok", "");
    }

    private static async Task<(string, string)> Tell(McpClient client, string method, string arguments, string thread)
    {
        await Send(client, method, """{"taskId":"THREAD",MORE"_meta":{"io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}}}}"""
            .Replace("MORE", arguments, StringComparison.Ordinal).Replace("THREAD", thread, StringComparison.Ordinal), thread);
        return ("ok", "");
    }

    private static async Task<string> Send(McpClient client, string method, string parameters, string? routed = null)
    {
        var answer = await client.SendRequestAsync(new JsonRpcRequest { Method = method, Params = JsonNode.Parse(parameters), Context = routed is null ? null : new() { RoutingName = routed } },
            TestContext.Current.CancellationToken);
        return answer.Result!.ToJsonString();
    }

    /// <summary>What of the wish a stream begins by saying that it can give.</summary>
    private static async Task<string> Granted(McpClient client, string wish)
    {
        using var heard = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var granted = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listening = client.RegisterNotificationHandler("notifications/subscriptions/acknowledged", (told, _) =>
        {
            granted.TrySetResult(told.Params!["notifications"]!.ToJsonString());
            return ValueTask.CompletedTask;
        });
        var stream = client.SendRequestAsync(new JsonRpcRequest
        {
            Method = "subscriptions/listen",
            Params = JsonNode.Parse("""{"notifications":{WISH},"_meta":{"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}}""".Replace("WISH", wish, StringComparison.Ordinal)),
        }, heard.Token);
        await Task.WhenAny(granted.Task, stream);
        await heard.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream);
        return await granted.Task;
    }
}
