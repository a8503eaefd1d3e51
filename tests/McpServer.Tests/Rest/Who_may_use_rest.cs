using System.Net.Http.Headers;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Who_may_use_rest(SharedServers servers)
{
    private const string Launch = """{"agent":"calculator","input":{"message":"add 1 and 2"}}""";

    [Fact]
    public async Task Without_the_secret_every_route_is_closed_and_says_how_to_come_in()
    {
        using var rest = await RestClient.Of(servers);
        var file = servers.DatabaseOf(Transport.Http, Ways.Newest) + "-access";
        var how = $$"""401 {"type":"about:blank","title":"Unauthorized","status":401,"detail":"This needs the access secret of this machine: send the header Authorization: Bearer SECRET, with what the file {{file}} holds.","code":"unauthorized"}""";
        var wrong = $$"""401 {"type":"about:blank","title":"Unauthorized","status":401,"detail":"That is not the access secret of this machine. It is what the file {{file}} holds; send it as Authorization: Bearer SECRET.","code":"unauthorized"}""";

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/agents"), (HttpMethod.Get, "/threads"), (HttpMethod.Post, "/threads"), (HttpMethod.Get, "/threads/thr_0"), (HttpMethod.Post, "/threads/thr_0/answer"),
            (HttpMethod.Post, "/threads/thr_0/cancel"), (HttpMethod.Post, "/threads/thr_0/fork"), (HttpMethod.Get, "/threads/thr_0/events"), (HttpMethod.Get, "/requests"),
            (HttpMethod.Post, "/function_calls"), (HttpMethod.Get, "/function_calls/req_0"), (HttpMethod.Post, "/function_calls/req_0/respond"),
            (HttpMethod.Post, "/human_contacts"), (HttpMethod.Get, "/human_contacts/req_0"), (HttpMethod.Post, "/human_contacts/req_0/respond"), (HttpMethod.Get, "/nothing"),
        })
        {
            Assert.Equal(how, await rest.Say(method, path, method == HttpMethod.Post ? "{}" : null, request => Show(request, "")));
        }

        var secret = rest.Http.DefaultRequestHeaders.Authorization!.Parameter!;
        foreach (var shown in new[] { "Bearer x", $"Bearer {secret}0", $"Bearer {secret[..^1]}", $"Basic {secret}", "bearer", secret })
        {
            Assert.Equal(wrong, await rest.Say(HttpMethod.Post, "/threads", Launch, request => Show(request, shown)));
        }

        Assert.StartsWith("200 ", await rest.Say(HttpMethod.Get, "/agents", change: request => Show(request, $"bearer {secret}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_another_site_is_refused_and_so_is_what_a_form_could_send()
    {
        using var rest = await RestClient.Of(servers);

        Assert.Equal("403 Requests from the origin 'https://attacker.example' are not served.",
            await rest.Say(HttpMethod.Post, "/threads", Launch, request => request.Headers.Add("Origin", "https://attacker.example")));
        Assert.StartsWith("400 The Host 'attacker.example' is not this machine.", await rest.Say(HttpMethod.Get, "/agents", change: request => request.Headers.Host = "attacker.example"), StringComparison.Ordinal);
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data" })
        {
            foreach (var path in new[] { "/threads", "/threads/thr_0/cancel", "/function_calls/req_0/respond" })
            {
                Assert.Equal("""415 {"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The body must be JSON: send it with Content-Type: application/json.","code":"unsupported_media_type"}""",
                    await rest.Say(HttpMethod.Post, path, Launch, request => request.Content!.Headers.ContentType = new MediaTypeHeaderValue(type)));
            }
        }
    }

    [Fact]
    public async Task Another_method_is_405_and_says_which_there_is()
    {
        using var rest = await RestClient.Of(servers);

        Assert.Equal("""405 {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"/api/v1/function_calls does not take GET; it takes POST.","code":"method_not_allowed"}""",
            await rest.Get("/function_calls"));
    }

    [Fact]
    public async Task A_body_or_a_value_over_the_limit_is_413()
    {
        using var rest = await RestClient.Of(servers);
        var value = $$$"""{"agent":"calculator","input":{"message":"{{{new string('x', 300_000)}}}"}}""";
        var body = $$$"""{"agent":"calculator","input":{"message":"{{{new string('x', 1_048_576)}}}"}}""";

        Assert.Equal("""413 {"type":"about:blank","title":"Payload Too Large","status":413,"detail":"The input has 300014 characters; at most 262144 are taken. Send a shorter one, or a path or link to it.","code":"too_large"}""",
            await rest.Post("/threads", value));
        // Else the refusal and the rest of the body pass each other on the way.
        Assert.Equal("""413 {"type":"about:blank","title":"Payload Too Large","status":413,"detail":"The body is too large; at most 1048576 bytes are taken.","code":"too_large"}""",
            await rest.Say(HttpMethod.Post, "/threads", body, request => request.Headers.ExpectContinue = true));
        Assert.Equal("""413 {"type":"about:blank","title":"Payload Too Large","status":413,"detail":"The body is too large; at most 1048576 bytes are taken.","code":"too_large"}""",
            await rest.Say(HttpMethod.Post, "/threads", body, request => request.Headers.TransferEncodingChunked = true));
    }

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public async Task Whoever_is_not_among_the_named_responders_is_refused_and_recorded()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "named.agent.md"),
            "---\nname: named\ndescription: An agent of the tests.\nmodel: caller\ntools: [divide]\npeople: { responders: [mia] }\n---\nYou are {{agent}}.\n", TestContext.Current.CancellationToken);
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, settings: new Dictionary<string, string> { ["agents"] = folder.Path });
        using var rest = new RestClient(server.Url!, folder.Database);
        await rest.Post("/threads", """{"agent":"named","input":{"message":"go"}}""");
        await rest.Post("/threads/thr_A/answer", """{"response":{"intent":"divide","a":3,"b":4}}""");

        var refused = await rest.Post("/function_calls/req_A_5/respond", """{"approved":true}""");

        Assert.StartsWith("""403 {"type":"about:blank","title":"Forbidden","status":403,"detail":"Only mia may answer req_A_5, and this attempt was recorded.""", refused, StringComparison.Ordinal);
        Assert.EndsWith(""" "code":"human_required"}""".Trim(), refused, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"answer_refused\",\"request\":5,\"by\":\"local\",\"channel\":\"rest\"", await rest.Get("/threads/thr_A/events?after=5"), StringComparison.Ordinal);
        Assert.Contains("\"responders\":[\"mia\"]", await rest.Get("/function_calls/req_A_5"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_is_503()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var rest = new RestClient(server.Url!, folder.Database);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder.Database};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE definitions; DROP TABLE threads";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal($$"""503 {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"{{folder.Database}}: SQLite Error 1: 'no such table: threads'.","code":"unavailable"}""", await rest.Get("/threads"));
        Assert.StartsWith("503 ", await rest.Get("/requests"), StringComparison.Ordinal);
        Assert.StartsWith("503 ", await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}"""), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await rest.Get("/agents"), StringComparison.Ordinal);
    }

    private static void Show(HttpRequestMessage request, string header)
    {
        request.Headers.Authorization = null;
        request.Headers.TryAddWithoutValidation("Authorization", header);
    }
}
