using System.Diagnostics;
using System.Net;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Operations;

public sealed class Health_is_told
{
    [Fact]
    public async Task Whoever_watches_asks_without_a_sign_in_and_under_any_name_of_the_machine()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var watcher = new Watcher(server.Url!);

        await watcher.Until("readyz", """{"status":"ok"}""");

        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await watcher.Ask("healthz"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await watcher.Ask("readyz", host: "10.1.2.3:8484"));
    }

    [Fact]
    public async Task A_server_whose_database_is_gone_lives_and_is_not_ready()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var watcher = new Watcher(server.Url!);
        await watcher.Until("readyz", """{"status":"ok"}""");

        File.Move(folder.Database, folder.Database + ".away");

        await watcher.Until("readyz", """{"status":"database"}""");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"database"}"""), await watcher.Ask("readyz"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await watcher.Ask("healthz"));
        File.Move(folder.Database + ".away", folder.Database);
        await watcher.Until("readyz", """{"status":"ok"}""");
    }

    [Fact]
    public async Task A_server_whose_database_was_replaced_is_not_ready()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var watcher = new Watcher(server.Url!);
        await watcher.Until("readyz", """{"status":"ok"}""");

        File.Move(folder.Database, folder.Database + ".away");
        File.Copy(folder.Database + ".away", folder.Database);

        await watcher.Until("readyz", """{"status":"database"}""");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"database"}"""), await watcher.Ask("readyz"));
    }

    [Fact]
    public async Task A_server_whose_database_takes_no_commit_is_not_ready_until_it_does()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var watcher = new Watcher(server.Url!);
        await watcher.Until("readyz", """{"status":"ok"}""");

        using (var database = new SqliteConnection($"Data Source={folder.Database};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var held = await database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await watcher.Until("readyz", """{"status":"database"}""");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"database"}"""), await watcher.Ask("readyz"));
            Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await watcher.Ask("healthz"));
        }

        await watcher.Until("readyz", """{"status":"ok"}""");
    }

    [Fact]
    public async Task A_server_that_has_not_looked_for_what_others_left_lives_and_is_starting()
    {
        await using var server = await GuardedServer.StartAlone();
        using var watcher = new Watcher(server.Url);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"starting"}"""), await watcher.Ask("readyz"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await watcher.Ask("healthz"));

        server.Core.Recover();
        await watcher.Until("readyz", """{"status":"ok"}""");
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_server_is_ready_although_the_log_of_a_thread_that_waits_for_another_is_damaged()
    {
        using var folder = new TestFolder();
        DamagedPage.Of(folder.Database, await WaitingForOthers(folder.Database));
        await using var server = await GuardedServer.Start(("db", folder.Database));
        using var watcher = new Watcher(server.Url);

        await watcher.Until("readyz", """{"status":"ok"}""");

        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await watcher.Ask("readyz"));
    }

    [Fact]
    [Trait("Accepts", "F6.1")]
    public async Task A_server_that_is_told_to_stop_says_so_while_it_still_answers_and_then_ends()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, settings: new Dictionary<string, string> { ["drain"] = "3" });
        using var watcher = new Watcher(server.Url!);
        await watcher.Until("readyz", """{"status":"ok"}""");

        var ended = server.Terminate();
        await watcher.Until("readyz", """{"status":"stopping"}""");

        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await watcher.Ask("healthz"));
        Assert.Equal("The result is 3.", (await server.Do("calculator", new { message = "add 1 and 2" })).Message);
        Assert.Equal(0, await ended);
    }

    private static async Task<List<string>> WaitingForOthers(string path)
    {
        var at = new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
        using var database = Database.Open(path);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        List<string> threads = [];
        for (var i = 0; i < 8; i++)
        {
            var log = ThreadLog.Of(ThreadId.New(at),
            [
                new ThreadStarted(at, "boss", "sha256:none", JsonText.Parse($$"""{"message":"{{new string('x', 900)}}"}"""), "ana", "http", "message_received"),
                new StepChosen(at, "worker", JsonText.Parse("{}"), "rules"),
                new ToolStarted(at, new(2), 1),
                new RequestOpened(at, RequestKind.Child, "Waits for worker.", new string('y', 900), Child: ThreadId.New(at)),
            ]);
            await store.Copy(log, takeLease: false);
            threads.Add(log.Thread.Id.Value);
        }

        return threads;
    }

    private sealed class Watcher(Uri server) : IDisposable
    {
        private readonly HttpClient _http = new();

        public async Task<(HttpStatusCode Status, string Body)> Ask(string path, string? host = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, "/" + path));
            request.Headers.Host = host;
            using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        public async Task Until(string path, string body)
        {
            var waited = Stopwatch.StartNew();
            while ((await Ask(path)).Body != body)
            {
                Assert.True(waited.Elapsed < Bench.Patience, $"/{path} does not say {body}.");
            }
        }

        public void Dispose() => _http.Dispose();
    }
}
