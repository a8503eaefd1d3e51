using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Tests.Access;

public sealed partial class Each_action_has_its_line_in_the_audit
{
    [Fact]
    [Trait("Accepts", "F11.6")]
    public async Task Of_whoever_did_it_and_what_was_asked_and_a_fork_tells_nothing_again()
    {
        await using var server = await GuardedServer.Start(("approvals", "human"));
        await server.Key("ana", "run");
        await server.Key("app", "approve");
        await server.Key("adm", "admin");
        var thread = (await server.Asking("ana")).Thread.Id.Value;
        var fork = await Do("ana", thread, "fork", """{"at_version":3}""");
        // Of a fork, and with the event that says that it is one.
        var second = await Do("ana", fork, "fork", """{"at_version":4}""");
        await Do("ana", second, "answer", """{"approved":true}""");
        await Do("app", second, "answer", """{"approved":true,"comment":"fine","wait_seconds":30}""");
        await Do("ana", second, "answer", """{"response":"add 1 and 2","wait_seconds":30}""");
        await Do("adm", fork, "cancel", """{"reason":"enough"}""");

        var before = await Told();
        new Purges(server.Core.Database).Run(DateTimeOffset.UtcNow.AddMinutes(1), "local", DateTimeOffset.UtcNow);
        var after = await Told();

        Assert.Equal(
            """
            {"action":"key_created","by":"local","channel":"cli","name":"ana","roles":["run"]}
            {"action":"key_created","by":"local","channel":"cli","name":"app","roles":["approve"]}
            {"action":"key_created","by":"local","channel":"cli","name":"adm","roles":["admin"]}
            {"action":"thread_started","by":"ana","channel":"http","thread_id":"A","version":1,"agent":"calculator","owner":"ana","trigger":"message_received"}
            {"action":"thread_forked","by":"ana","channel":"rest","thread_id":"B","version":4,"agent":"calculator","owner":"ana","from":"A"}
            {"action":"thread_forked","by":"ana","channel":"rest","thread_id":"C","version":5,"agent":"calculator","owner":"ana","from":"B"}
            {"action":"answer_refused","by":"ana","channel":"rest","thread_id":"C","version":6,"agent":"calculator","owner":"ana","request":3,"reason":"only a person may answer this","asked":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}}
            {"action":"request_answered","by":"app","channel":"rest","thread_id":"C","version":7,"agent":"calculator","owner":"ana","request":3,"approved":true,"comment":"fine","asked":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}}
            {"action":"message_received","by":"ana","channel":"rest","thread_id":"C","version":12,"agent":"calculator","owner":"ana"}
            {"action":"thread_cancelled","by":"adm","channel":"rest","thread_id":"B","version":5,"agent":"calculator","owner":"ana","reason":"enough"}

            """.ReplaceLineEndings("\n"), before);
        // What ended is gone with its lines; what waits is kept.
        Assert.Equal(
            """
            {"action":"key_created","by":"local","channel":"cli","name":"ana","roles":["run"]}
            {"action":"key_created","by":"local","channel":"cli","name":"app","roles":["approve"]}
            {"action":"key_created","by":"local","channel":"cli","name":"adm","roles":["admin"]}
            {"action":"thread_started","by":"ana","channel":"http","thread_id":"A","version":1,"agent":"calculator","owner":"ana","trigger":"message_received"}
            {"action":"threads_purged","by":"local","channel":"cli","purge":1,"threads":["B","C"]}

            """.ReplaceLineEndings("\n"), after);

        async Task<string> Do(string who, string id, string what, string body)
        {
            var said = await GuardedServer.Say(server.As(who), "POST", $"/api/v1/threads/{id}/{what}", body);
            return JsonElement.Parse(said[4..]).TryGetProperty("thread_id", out var shown) ? shown.GetString()! : said;
        }

        async Task<string> Told() => Changing().Replace((await GuardedServer.Say(server.As("adm"), "GET", "/api/v1/audit"))[4..], "")
            .Replace(thread, "A", StringComparison.Ordinal).Replace(fork, "B", StringComparison.Ordinal).Replace(second, "C", StringComparison.Ordinal);
    }

    [GeneratedRegex("\"at\":\"[^\"]+\",|\"key\":\"[0-9a-f]{12}\",")]
    private static partial Regex Changing();
}
