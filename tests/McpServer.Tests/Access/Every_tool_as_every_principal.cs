using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

#pragma warning disable MCPEXP002 // the name a task request is routed by is experimental in the SDK

namespace AgentMcp.Server.Tests.Access;

/// <summary>Each tool, resource and task method is tried as each kind of principal on a thread of ana's.</summary>
public sealed class Every_tool_as_every_principal
{
    private const string Nobodys = "thr_0123456789abcdef0123456789abcdef";
    private static readonly string[] Principals = ["ana", "ben", "rea", "app", "adm", "res"];

    /// <summary>What comes of it: ok, the code of a refusal, unknown where there is no such thing for the principal, or aside for an answer that is left there.</summary>
    private static readonly (string What, string Arguments, string Outcomes)[] Rows =
    [
        ("list_agents", "{}", "ok ok ok ok ok ok"),
        ("list_threads", "{}", "ok ok ok ok ok ok"),
        ("get_thread", """{"thread_id":"THREAD"}""", "ok thread_not_found ok ok ok thread_not_found"),
        ("wait_thread", """{"thread_id":"THREAD","wait_seconds":0}""", "ok thread_not_found ok ok ok thread_not_found"),
        ("resume_thread", """{"thread_id":"THREAD","approved":true}""", "ok thread_not_found forbidden ok ok thread_not_found"),
        ("cancel_thread", """{"thread_id":"THREAD"}""", "ok thread_not_found forbidden forbidden ok thread_not_found"),
        ("fork_thread", """{"thread_id":"THREAD","at_version":1}""", "ok thread_not_found forbidden forbidden ok thread_not_found"),
        ("invoke_agent", """{"agent":"calculator","input":{"message":"add 1 and 2"}}""", "ok ok forbidden forbidden ok agent_not_found"),
        ("calculator", """{"message":"add 1 and 2"}""", "ok ok unknown unknown ok unknown"),
        ("deploybot", """{"message":"hello"}""", "ok ok unknown unknown ok unknown"),
        ("pipeline", "{}", "ok ok unknown unknown ok unknown"),
        ("rollback", "{}", "invalid_input invalid_input unknown unknown invalid_input invalid_input"),
        ("thread://THREAD", "", "ok unknown ok ok ok unknown"),
        ("thread://THREAD/transcript", "", "ok unknown ok ok ok unknown"),
        ("agent://calculator", "", "ok ok ok ok ok unknown"),
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
            await using var client = await server.Mcp(Principals[i]);
            await using var session = await server.Mcp(Principals[i], Ways.Sessions);
            var tools = (await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(tool => tool.Name).ToHashSet();
            if (Principals[i] == "adm")
            {
                Assert.Equal(tools, Rows.Select(row => row.What).Where(what => !what.Contains('/', StringComparison.Ordinal)).ToHashSet());
            }

            foreach (var (what, arguments, outcomes) in Rows)
            {
                var expected = outcomes.Split(' ')[i];
                var thread = (await server.Asking("ana")).Thread.Id.Value;
                var came = await Try(what == "resources/subscribe" ? session : client, what, arguments, thread);
                if (what == "tasks/update" && came.Outcome == "ok" && !server.Core.Host.Get(ThreadId.Parse(thread), "ana").Events.Any(happened => happened is RequestAnswered))
                {
                    // It is acknowledged, as the protocol asks, and changes nothing.
                    came = ("aside", came.Words);
                }

                if (came.Outcome != expected || (!what.Contains('/', StringComparison.Ordinal) && tools.Contains(what) == (expected == "unknown")))
                {
                    wrong.Add($"{what} as {Principals[i]}: {came}, not {expected}");
                }
                else if (expected is "thread_not_found" or "unknown" && (what + arguments).Contains("THREAD", StringComparison.Ordinal)
                    && await Try(what == "resources/subscribe" ? session : client, what, arguments, Nobodys) is var none && none.Words.Replace(Nobodys, thread, StringComparison.Ordinal) != came.Words)
                {
                    wrong.Add($"{what} as {Principals[i]}: another's is {came}, nobody's is {none}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<(string Outcome, string Words)> Try(McpClient client, string what, string arguments, string thread)
    {
        try
        {
            if (what.StartsWith("tasks/", StringComparison.Ordinal))
            {
                await client.SendRequestAsync(new JsonRpcRequest
                {
                    Method = what,
                    Params = JsonNode.Parse("""{"taskId":"THREAD",MORE"_meta":{"io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}}}}"""
                        .Replace("MORE", arguments, StringComparison.Ordinal).Replace("THREAD", thread, StringComparison.Ordinal).Replace("REQUEST", $"req_{thread[4..]}_3", StringComparison.Ordinal)),
                    Context = new() { RoutingName = thread },
                }, TestContext.Current.CancellationToken);
                return ("ok", "");
            }

            if (what == "resources/subscribe")
            {
                await client.SubscribeToResourceAsync(arguments.Replace("THREAD", thread, StringComparison.Ordinal), cancellationToken: TestContext.Current.CancellationToken);
                return ("ok", "");
            }

            if (what == "subscriptions/listen")
            {
                var given = await Granted(client, arguments.Replace("THREAD", thread, StringComparison.Ordinal));
                return (given.Contains(thread, StringComparison.Ordinal) ? "ok" : "unknown", given);
            }

            if (what.Contains('/', StringComparison.Ordinal))
            {
                await client.ReadResourceAsync(what.Replace("THREAD", thread, StringComparison.Ordinal), cancellationToken: TestContext.Current.CancellationToken);
                return ("ok", "");
            }

            var result = await client.CallToolAsync(what, JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments.Replace("THREAD", thread, StringComparison.Ordinal))!,
                cancellationToken: TestContext.Current.CancellationToken);
            var words = ((TextContentBlock)result.Content[0]).Text;
            return result is { IsError: true, StructuredContent: null } ? (words.Split(':')[0], words) : ("ok", words);
        }
        catch (McpException e)
        {
            return ("unknown", e.Message);
        }
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
