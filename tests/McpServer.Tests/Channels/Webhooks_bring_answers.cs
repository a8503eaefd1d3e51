using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Webhooks_bring_answers(Webhooks_bring_answers.Shared shared) : IClassFixture<Webhooks_bring_answers.Shared>, IDisposable
{
    private readonly Bench _bench = shared.Bench;
    private readonly Receiver _ops = shared.Ops;
    private readonly HttpClient _http = new();

    [Theory]
    [InlineData("the present secret")]
    [InlineData("the former secret")]
    [Trait("Accepts", "F11.6")]
    public async Task A_signed_answer_is_a_persons_and_names_them(string secret)
    {
        var asked = await Asked();
        var answer = await Post(asked, new { thread_id = asked.ThreadId, request_id = asked.RequestId, approved = true, comment = "go ahead", user = "mia" },
            secret: secret == "the present secret" ? Receiver.Secret : Receiver.OldSecret);
        Assert.Equal((HttpStatusCode.OK, """{"status":"answered","message":"The answer is stored and the thread goes on."}"""), answer);
        Assert.Equal("The result is 0.75.", (await _bench.Finished(asked.ThreadId)).Message);
        var answered = Assert.Single(await _bench.Events(asked.ThreadId, "request_answered"));
        Assert.Equal(("mia", "webhook:ops", "go ahead"), (Text(answered, "by"), Text(answered, "channel"), Text(answered, "comment")));
        Receiver.Notice closed;
        do
        {
            closed = await _ops.Next();
        }
        while (closed.Request != asked.RequestId);

        Assert.Equal("Approved by mia through webhook:ops: go ahead", closed.Outcome);
    }

    [Theory]
    [InlineData("another secret")]
    [InlineData("another body")]
    [InlineData("another id")]
    [InlineData("too old")]
    [InlineData("from the future")]
    [InlineData("no signature")]
    [InlineData("no time")]
    [InlineData("no id")]
    [InlineData("a time that is none")]
    [Trait("Accepts", "F11.3")]
    public async Task What_is_not_signed_as_it_must_be_is_refused_and_leaves_nothing(string what)
    {
        var asked = await Asked();
        var (status, body) = await Post(asked, new { request_id = asked.RequestId, approved = true, user = "mia" },
            secret: what == "another secret" ? "whsec_" + Convert.ToBase64String(new byte[32]) : Receiver.Secret,
            age: what switch { "too old" => 301, "from the future" => -310, _ => 0 },
            change: request =>
            {
                switch (what)
                {
                    case "another body":
                        request.Content = Json($$"""{"request_id":"{{asked.RequestId}}","approved":true,"user":"ravi"}""");
                        break;
                    case "another id":
                        Replace(request, "webhook-id", "msg_2");
                        break;
                    case "no signature":
                        request.Headers.Remove("webhook-signature");
                        break;
                    case "no time":
                        request.Headers.Remove("webhook-timestamp");
                        break;
                    case "no id":
                        request.Headers.Remove("webhook-id");
                        break;
                    case "a time that is none":
                        Replace(request, "webhook-timestamp", "yesterday");
                        break;
                }
            });
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_signature"), (status, Text(JsonElement.Parse(body), "status")));
        Assert.Equal((asked.Version, 0L), ((await _bench.Get(asked.ThreadId)).Version, Received(asked)));
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    [Trait("Accepts", "R.2")]
    public async Task A_message_that_comes_twice_is_taken_once_and_an_answer_given_twice_is_one_answer()
    {
        var asked = await Asked();
        var answer = new { request_id = asked.RequestId, approved = false, comment = "use 5 instead", user = "mia" };
        Assert.Equal("answered", await Status(asked, answer, id: "msg_1"));
        Assert.Equal("duplicate", await Status(asked, answer, id: "msg_1"));
        Assert.Equal("answered", await Status(asked, answer, id: "msg_2"));
        // The same id with other words is still the message that was taken.
        Assert.Equal("duplicate", await Status(asked, new { request_id = asked.RequestId, approved = true, user = "mia" }, id: "msg_2"));
        Assert.Equal("already_answered", await Status(asked, new { request_id = asked.RequestId, approved = true, user = "ravi" }, id: "msg_3"));
        // The calculator now asks about another division, which none of these approved.
        Assert.Single(await _bench.Events(asked.ThreadId, "request_answered"));
        Assert.Empty(await _bench.Events(asked.ThreadId, "tool_started"));
    }

    [Theory]
    [InlineData("""{"approved":true,"user":"mia"}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"request_id":"REQUEST","approved":true}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"request_id":"REQUEST","approved":true,"user":"  "}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"request_id":"REQUEST","approved":true,"user":"mia","aproved":true}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"request_id":"REQUEST","approved":true,"approved":false,"user":"mia"}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"request_id":"REQUEST","thread_id":"thr_00000000000000000000000000000000","approved":true,"user":"mia"}""", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("not json", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("null", "invalid_body", HttpStatusCode.BadRequest)]
    [InlineData("""{"request_id":"req_00000000000000000000000000000000_3","approved":true,"user":"mia"}""", "request_not_found", HttpStatusCode.NotFound)]
    [InlineData("""{"request_id":"REQUEST","response":"yes","user":"mia"}""", "wrong_answer", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"request_id":"REQUEST","approved_with_changes":{"a":1,"b":2},"user":"mia"}""", "wrong_answer", HttpStatusCode.UnprocessableEntity)]
    public async Task A_message_that_is_no_answer_is_refused_with_the_reason_and_leaves_nothing(string body, string code, HttpStatusCode expected)
    {
        var asked = await Asked();
        var (status, said) = await Post(body.Replace("REQUEST", asked.RequestId, StringComparison.Ordinal), id: "msg_1_" + asked.ThreadId);
        Assert.Equal((expected, code), (status, Text(JsonElement.Parse(said), "status")));
        Assert.Equal((asked.Version, 0L), ((await _bench.Get(asked.ThreadId)).Version, Received(asked)));
    }

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public async Task Who_may_not_answer_is_refused_and_that_is_recorded()
    {
        var asked = await _bench.Ask(new { intent = "request_human_input", question = "Which colour?" });
        await _ops.Next();
        Assert.Equal("human_required", await Status(asked, new { request_id = asked.RequestId, response = "red", user = "eve" }));
        Assert.Equal("eve", Text(Assert.Single(await _bench.Events(asked.ThreadId, "answer_refused")), "by"));
        Assert.Equal("answered", await Status(asked, new { request_id = asked.RequestId, response = "blue", user = "ravi" }));
    }

    [Fact]
    public async Task Only_what_a_channel_was_told_of_can_be_answered_through_it()
    {
        await using var other = new Receiver();
        await using var process = await _bench.Another(other.As("quiet"));
        var asked = await Asked();
        var (status, said) = await Post(JsonSerializer.Serialize(new { request_id = asked.RequestId, approved = true, user = "mia" }), id: "msg_1_" + asked.ThreadId, path: new Uri(process.Url!, "/hooks/quiet"));
        Assert.Equal((HttpStatusCode.NotFound, "request_not_found"), (status, Text(JsonElement.Parse(said), "status")));
    }

    [Fact]
    public async Task Its_path_is_open_to_the_world_and_no_other_path_is()
    {
        var asked = await Asked();
        var body = JsonSerializer.Serialize(new { request_id = asked.RequestId, approved = true, user = "mia" });
        Assert.Equal(HttpStatusCode.OK, (await Post(body, id: "msg_1_" + asked.ThreadId, change: Foreign)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post(body, path: _bench.Url("/mcp"), change: Foreign)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post(body, path: _bench.Url("/hooks/none"), change: Foreign)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Post(body, path: _bench.Url("/hooks/none"))).Status);

        static void Foreign(HttpRequestMessage request) => request.Headers.Host = "agents.example.com";
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Asked, and told through the channel.</summary>
    private async Task<Reply> Asked()
    {
        var asked = await _bench.AskToDivide();
        while ((await _ops.Next()).Request != asked.RequestId)
        {
        }

        return asked;
    }

    private async Task<string?> Status(Reply asked, object answer, string id = "msg_1") => Text(JsonElement.Parse((await Post(asked, answer, id: id)).Body), "status");

    private Task<(HttpStatusCode Status, string Body)> Post(
        Reply asked, object answer, string secret = "", int age = 0, string id = "msg_1", Action<HttpRequestMessage>? change = null) =>
        Post(JsonSerializer.Serialize(answer), secret, age, $"{id}_{asked.ThreadId}", change: change);

    private async Task<(HttpStatusCode Status, string Body)> Post(
        string body, string secret = "", int age = 0, string id = "msg_1", Uri? path = null, Action<HttpRequestMessage>? change = null)
    {
        var timestamp = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - age).ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, path ?? _bench.Url("/hooks/ops")) { Content = Json(body) };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", "v1,bm9uZQ== " + Receiver.Sign(secret.Length > 0 ? secret : Receiver.Secret, id, timestamp, body));
        change?.Invoke(request);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private long Received(Reply asked)
    {
        using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_bench.Database}");
        database.Open();
        using var count = database.CreateCommand();
        count.CommandText = "SELECT count(*) FROM received WHERE id LIKE '%' || $thread";
        count.Parameters.AddWithValue("$thread", asked.ThreadId);
        return (long)count.ExecuteScalar()!;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static void Replace(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.Add(name, value);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    /// <summary>One server for all of these tests: each asks something of its own.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public Receiver Ops { get; } = new();

        public Bench Bench { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Bench = await Bench.Start(
            Ops.As("ops", "notify=ops", "approvals=human"), "people: { responders: [mia, ravi], channels: [ops] }");

        public async ValueTask DisposeAsync()
        {
            await Bench.DisposeAsync();
            await Ops.DisposeAsync();
        }
    }
}
