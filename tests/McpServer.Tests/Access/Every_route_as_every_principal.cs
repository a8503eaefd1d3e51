using AgentMcp.Server.Tests.Channels;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Access;

/// <summary>
/// Each endpoint the server has is tried as each kind of principal. Ana's threads are asked for; where somebody gets 404,
/// it is word for word what an id gets that nobody has, and where somebody is refused, nothing has happened.
/// </summary>
public sealed class Every_route_as_every_principal
{
    private const string Nobodys = "thr_0123456789abcdef0123456789abcdef";

    private static readonly string?[] Principals = [null, "wrong", "ana", "ben", "rea", "app", "adm", "res", "lim", "mia"];

    /// <summary>What is answered before it is asked which endpoint is meant.</summary>
    private static readonly string[] NoEndpoints = ["GET /healthz", "GET /readyz"];

    private static readonly string[] Refused = ["401", "403", "404"];

    private static readonly string[] Signed = ["POST /hooks/ops", "POST /slack/team/interactions", "POST /triggers/ci"];

    /// <summary>
    /// Method, route, what is sent (THREAD, CALL and CONTACT are of a new thread of ana's), and the statuses for nobody, a
    /// wrong key, ana and ben (run), rea (read), app (approve), adm (admin), res and lim (run and read, and admin, but for
    /// rollback only) and mia (a token with run).
    /// </summary>
    private static readonly (string Route, string? Path, string? Body, string Statuses)[] Rows =
    [
        ("GET /api/v1/agents", null, null, "401 401 200 200 200 200 200 200 200 200"),
        ("POST /api/v1/threads", null, """{"agent":"calculator","input":{"message":"add 1 and 2"}}""", "401 401 201 201 403 403 201 404 404 201"),
        ("GET /api/v1/threads", null, null, "401 401 200 200 200 200 200 200 200 200"),
        ("GET /api/v1/threads/{thread_id}", "/api/v1/threads/THREAD", null, "401 401 200 404 200 200 200 404 404 404"),
        ("POST /api/v1/threads/{thread_id}/answer", "/api/v1/threads/THREAD/answer", """{"approved":true}""", "401 401 200 404 403 200 200 404 404 404"),
        ("POST /api/v1/threads/{thread_id}/cancel", "/api/v1/threads/THREAD/cancel", "{}", "401 401 200 404 403 403 200 404 404 404"),
        ("POST /api/v1/threads/{thread_id}/fork", "/api/v1/threads/THREAD/fork", """{"at_version":1}""", "401 401 201 404 403 403 201 404 404 404"),
        ("GET /api/v1/threads/{thread_id}/events", "/api/v1/threads/THREAD/events", null, "401 401 200 404 200 200 200 404 404 404"),
        ("GET /api/v1/requests", null, null, "401 401 200 200 200 200 200 200 200 200"),
        ("POST /api/v1/function_calls", null, """{"spec":{"fn":"pay","kwargs":{"sum":5}}}""", "401 401 201 201 403 403 201 404 404 201"),
        ("GET /api/v1/function_calls/{call_id}", "/api/v1/function_calls/CALL", null, "401 401 200 404 200 200 200 404 404 404"),
        ("POST /api/v1/function_calls/{call_id}/respond", "/api/v1/function_calls/CALL/respond", """{"approved":true}""", "401 401 200 404 403 200 200 404 404 404"),
        ("POST /api/v1/function_calls/{call_id}/escalate", "/api/v1/function_calls/CALL/escalate", """{"escalation_msg":"please"}""", "401 401 422 404 403 422 422 404 404 404"),
        ("POST /api/v1/human_contacts", null, """{"spec":{"msg":"Which?"}}""", "401 401 201 201 403 403 201 404 404 201"),
        ("GET /api/v1/human_contacts/{call_id}", "/api/v1/human_contacts/CONTACT", null, "401 401 200 404 200 200 200 404 404 404"),
        ("POST /api/v1/human_contacts/{call_id}/respond", "/api/v1/human_contacts/CONTACT/respond", """{"response":"this"}""", "401 401 403 404 403 200 200 404 404 404"),
        ("POST /api/v1/human_contacts/{call_id}/escalate", "/api/v1/human_contacts/CONTACT/escalate", """{"escalation_msg":"please"}""", "401 401 422 404 403 422 422 404 404 404"),
        ("GET /api/v1/audit", null, null, "401 401 403 403 403 403 200 403 403 403"),
        ("GET /openapi/{documentName}.json", "/openapi/v1.json", null, "401 401 200 200 200 200 200 200 200 200"),
        ("POST /mcp/", "/mcp", """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""", "401 401 200 200 200 200 200 200 200 200"),
        ("GET /mcp/", "/mcp", null, "401 401 400 400 400 400 400 400 400 400"),
        ("DELETE /mcp/", "/mcp", null, "401 401 200 200 200 200 200 200 200 200"),
        // Pages ask for a cookie, which a key does not replace. Every_page_as_every_principal has one.
        ("GET /", null, null, "401 401 401 401 401 401 401 401 401 401"),
        ("GET /live", null, null, "401 401 401 401 401 401 401 401 401 401"),
        ("GET /requests/{request}", "/requests/CALL", null, "401 401 401 401 401 401 401 401 401 401"),
        ("POST /requests/{request}", "/requests/CALL", "do=approve", "401 401 401 401 401 401 401 401 401 401"),
        ("GET /threads", null, null, "401 401 401 401 401 401 401 401 401 401"),
        ("GET /threads/{thread}", "/threads/THREAD", null, "401 401 401 401 401 401 401 401 401 401"),
        ("GET /threads/{thread}/log.json", "/threads/THREAD/log.json", null, "401 401 401 401 401 401 401 401 401 401"),
        ("GET /threads/{thread}/steps/{version}", "/threads/THREAD/steps/2", null, "401 401 401 401 401 401 401 401 401 401"),
        ("POST /threads/{thread}/cancel", "/threads/THREAD/cancel", "reason=x", "401 401 401 401 401 401 401 401 401 401"),
        ("POST /threads/{thread}/fork", "/threads/THREAD/fork", "at=1", "401 401 401 401 401 401 401 401 401 401"),
        ("POST /threads/{thread}/message", "/threads/THREAD/message", "words=x", "401 401 401 401 401 401 401 401 401 401"),
        ("GET /agents", null, null, "401 401 401 401 401 401 401 401 401 401"),
        ("GET /agents/{agent}", "/agents/calculator", null, "401 401 401 401 401 401 401 401 401 401"),
        ("POST /sign-out", null, "", "401 401 401 401 401 401 401 401 401 401"),
        ("GET /sign-in", null, null, "200 401 200 200 200 200 200 200 200 200"),
        ("POST /sign-in", null, "key=wrong", "401 401 401 401 401 401 401 401 401 401"),
        ("GET /inbox.css", null, null, "200 401 200 200 200 200 200 200 200 200"),
        ("GET /inbox.js", null, null, "200 401 200 200 200 200 200 200 200 200"),
        ("GET /inbox.svg", null, null, "200 401 200 200 200 200 200 200 200 200"),
        ("GET /.well-known/oauth-protected-resource", null, null, "200 401 200 200 200 200 200 200 200 200"),
        // These look at the signature and not at who sends it.
        ("POST /hooks/ops", null, """{"request_id":"CALL","user":"kim","approved":true}""", "400 400 400 400 400 400 400 400 400 400"),
        ("POST /slack/team/interactions", null, "payload={}", "400 400 400 400 400 400 400 400 400 400"),
        ("POST /triggers/ci", null, """{"message":"add 1 and 2"}""", "400 400 400 400 400 400 400 400 400 400"),
        ("GET /healthz", null, null, "200 200 200 200 200 200 200 200 200 200"),
        ("GET /readyz", null, null, "200 200 200 200 200 200 200 200 200 200"),
        ("GET /.well-known/oauth-protected-resource/mcp", null, null, "200 401 200 200 200 200 200 200 200 200"),
    ];

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task There_is_a_row_for_every_endpoint_and_each_answers_as_it_says()
    {
        await using var issuer = await TokenIssuer.Start();
        await using var server = await GuardedServer.Start(("auth", "keys,oidc"), ("oidc_authority", issuer.Url), ("oidc_audience", "us"),
            ("channels:ops:type", "webhook"), ("channels:ops:url", "http://127.0.0.1:1/"), ("channels:ops:secret", Receiver.Secret),
            ("channels:team:type", "slack"), ("channels:team:token", "xoxb-1"), ("channels:team:signing_secret", "hush"), ("channels:team:to", "C0OPS"),
            ("triggers:ci:type", "webhook"), ("triggers:ci:secret", Receiver.Secret), ("triggers:ci:agent", "calculator"));
        await server.Key("ana", "run");
        await server.Key("ben", "run");
        await server.Key("rea", "read");
        await server.Key("app", "approve");
        await server.Key("adm", "admin");
        await server.Key("res", "run,read", "rollback");
        await server.Key("lim", "admin", "rollback");
        server.Knows("mia", issuer.Token("mia", "run", "us"));

        Assert.Equal(Rows.Select(row => row.Route).Except(NoEndpoints).Order(StringComparer.Ordinal), server.Routes());
        List<string> wrong = [];
        foreach (var row in Rows)
        {
            wrong.AddRange(await Problems(server, row.Route, row.Path, row.Body, row.Statuses.Split(' ')));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<List<string>> Problems(GuardedServer server, string route, string? path, string? body, string[] statuses)
    {
        List<string> wrong = [];
        var method = route.Split(' ')[0];
        path ??= route.Split(' ')[1];
        foreach (var (who, status) in Principals.Zip(statuses))
        {
            var client = server.As(who);
            var names = await Names(server, path);
            ThreadId? thread = names is { } named ? ThreadId.Parse(named.Thread) : null;
            var before = server.Happened(thread);
            var said = await GuardedServer.Say(client, method, In(path, names), body);
            if (!said.StartsWith(status + " ", StringComparison.Ordinal))
            {
                wrong.Add($"{route} as {who ?? "nobody"}: {said[..Math.Min(300, said.Length)]}, not {status}");
            }
            else if (Signed.Contains(route) && !said.Contains("sign", StringComparison.Ordinal))
            {
                wrong.Add($"{route} as {who ?? "nobody"}: {said} is not for the signature");
            }
            else if (Refused.Contains(status) && server.Happened(thread) != before)
            {
                wrong.Add($"{route} as {who ?? "nobody"}: it was refused, and something happened");
            }
            else if (status == "404" && names is not null)
            {
                var none = await GuardedServer.Say(client, method, In(path, (Nobodys, names.Value.Version)), body);
                if (none.Replace(Nobodys[4..], names.Value.Thread[4..], StringComparison.Ordinal) != said)
                {
                    wrong.Add($"{route} as {who}: another's is {said}, nobody's is {none}");
                }
            }
        }

        return wrong;
    }

    // A thread for each try, because some of them change it.
    private static async Task<(string Thread, int Version)?> Names(GuardedServer server, string path)
    {
        if (path.Contains("CONTACT", StringComparison.Ordinal))
        {
            var asked = await server.Settled("ana", "human_contact", JsonText.Parse("""{"msg":"Which?"}"""));
            return (asked.Thread.Id.Value, asked.Thread.OpenRequests[0].Id.Version);
        }

        return path.Contains("CALL", StringComparison.Ordinal) || path.Contains("THREAD", StringComparison.Ordinal)
            ? await server.Asking("ana") is var log ? (log.Thread.Id.Value, log.Thread.OpenRequests[0].Id.Version) : null
            : null;
    }

    private static string In(string path, (string Thread, int Version)? names)
    {
        if (names is not var (thread, version))
        {
            return path;
        }

        var request = new RequestId(version).In(ThreadId.Parse(thread));
        return path.Replace("THREAD", thread, StringComparison.Ordinal).Replace("CALL", request, StringComparison.Ordinal).Replace("CONTACT", request, StringComparison.Ordinal);
    }
}
