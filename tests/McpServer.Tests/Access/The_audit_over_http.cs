using System.Net;
using System.Text.RegularExpressions;

namespace AgentMcp.Server.Tests.Access;

public sealed partial class The_audit_over_http
{
    [Fact]
    public async Task An_admin_reads_who_did_what_as_json_lines_and_whoever_cannot_is_told_why()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ana", "run");
        await server.Key("adm", "admin");
        var thread = (await server.Asking("ana")).Thread.Id.Value;
        await GuardedServer.Say(server.As("ana"), "POST", $"/api/v1/threads/{thread}/answer", """{"approved":false,"comment":"no \u202e"}""");
        var second = (await server.Asking("ana")).Thread.Id.Value;
        await GuardedServer.Say(server.As("adm"), "POST", $"/api/v1/threads/{second}/cancel", """{"reason":"enough"}""");
        await server.Revoke("ana");

        using var told = await server.As("adm").GetAsync("/api/v1/audit?since=1h", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "application/jsonl"), (told.StatusCode, told.Content.Headers.ContentType!.ToString()));
        Assert.Equal(
            """
            {"action":"key_created","by":"local","channel":"cli","name":"ana","roles":["run"]}
            {"action":"key_created","by":"local","channel":"cli","name":"adm","roles":["admin"]}
            {"action":"thread_started","by":"ana","channel":"http","thread_id":"THREAD","version":1,"agent":"calculator","owner":"ana","trigger":"message_received"}
            {"action":"request_answered","by":"ana","channel":"rest","thread_id":"THREAD","version":4,"agent":"calculator","owner":"ana","request":3,"approved":false,"comment":"no \u202e","asked":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}}
            {"action":"thread_started","by":"ana","channel":"http","thread_id":"SECOND","version":1,"agent":"calculator","owner":"ana","trigger":"message_received"}
            {"action":"thread_cancelled","by":"adm","channel":"rest","thread_id":"SECOND","version":4,"agent":"calculator","owner":"ana","reason":"enough"}
            {"action":"key_revoked","by":"local","channel":"cli","name":"ana","roles":["run"]}

            """.ReplaceLineEndings("\n").Replace("\\u202e", "\u202E", StringComparison.Ordinal).Replace("THREAD", thread, StringComparison.Ordinal).Replace("SECOND", second, StringComparison.Ordinal),
            Changing().Replace(await told.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), ""));
        Assert.Equal("200 ", await GuardedServer.Say(server.As("adm"), "GET", "/api/v1/audit?since=2100-01-01"));
        Assert.Matches("^422 .*since must be a time such as 2026-05-04T10:00:00Z, or how long ago, such as 7d, not 'soon'.", await GuardedServer.Say(server.As("adm"), "GET", "/api/v1/audit?since=soon"));
    }

    [Fact]
    public async Task An_admin_of_some_agents_only_reads_nothing_of_the_others()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("some", "admin", "deploybot");

        Assert.Equal("""403 {"type":"about:blank","title":"Forbidden","status":403,"detail":"The audit trail tells of all agents, and you are some with admin for deploybot only.","code":"forbidden"}""",
            await GuardedServer.Say(server.As("some"), "GET", "/api/v1/audit"));
    }

    [Fact]
    public async Task Two_read_it_at_a_time_and_a_third_is_told_to_come_back()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("adm", "admin");
        // More than any buffer on the way holds, so that a reader who does not read is not done.
        var large = new string('x', 200_000);
        for (var i = 0; i < 100; i++)
        {
            var thread = (await server.Asking("adm")).Thread.Id.Value;
            await GuardedServer.Say(server.As("adm"), "POST", $"/api/v1/threads/{thread}/cancel", $$"""{"reason":"{{large}}"}""");
        }

        using var first = await server.As("adm").GetAsync("/api/v1/audit", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var second = await server.As("adm").GetAsync("/api/v1/audit", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var third = await server.As("adm").GetAsync("/api/v1/audit", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, "5"), (first.StatusCode, second.StatusCode, third.StatusCode, third.Headers.RetryAfter?.ToString()));
    }

    [GeneratedRegex("\"at\":\"[^\"]+\",|\"key\":\"[0-9a-f]{12}\",")]
    private static partial Regex Changing();
}
