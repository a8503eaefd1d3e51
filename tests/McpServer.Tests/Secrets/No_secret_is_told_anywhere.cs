using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Cli;
using AgentMcp.Server.Tests.Operations;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Secrets;

/// <summary>
/// A real server with secrets of every kind, other servers and a model that repeat them, callers with right and wrong
/// keys; then everything it wrote, sent and showed is looked through. A word that is no secret must be found in each place.
/// </summary>
public sealed partial class No_secret_is_told_anywhere : IAsyncDisposable
{
    private const string Header = "zq7header5e0b93d1";
    private const string Environment = "zq7environ41c8fa02";
    private const string Argument = "zq7argument77bd10";
    private const string ModelKey = "zq7provider9f2c4e81";
    private const string GitHub = "zq7github06ad3b55";
    private const string Signature = "zq7signature8812fe";
    private const string CollectorKey = "zq7collector/4d19c2";
    private const string Rude = "rude-" + Parrot.Control;
    private static readonly string[] Configured = [Environment, Argument, ModelKey, GitHub, CollectorKey, Receiver.Secret, Receiver.OldSecret, SlackDouble.Token, SlackDouble.SigningSecret];
    private static readonly string WrongKey = $"amk_0123456789ab_{new string('w', 20)}zq7wrongkey{new string('w', 12)}";
    private static readonly string Hook = "whsec_" + Convert.ToBase64String(Encoding.UTF8.GetBytes("the planted secret of a trigger"));

    private readonly CommandLine _agentmcp = new();
    private readonly Collector _collector = new();
    private readonly Receiver _hook = new();
    private readonly SlackDouble _slack = new();
    private readonly HttpClient _http = new();
    private readonly Parrot _parrot = new(Header, [.. Configured, Hook, JsonSerializer.Serialize($"Bearer {Header}")],
        new { intent = "parrot.repeat" }, new { intent = "parrot.fail" }, new { intent = "parrot.refuse" },
        new { intent = "request_human_input", question = $"Is {Parrot.Control} right?" }, new { intent = "done_for_now", message = $"It is {Parrot.Control}." },
        new { intent = "parrot.repeat" }, new { intent = "parrot.refuse" }, new { intent = "done_for_now", message = $"Over stdio, {Parrot.Control}." });

    private readonly Dictionary<string, string> _told = [];
    private string _key = "";
    private string _site = "";

    [Fact]
    public async Task Not_in_prompts_logs_events_pages_answers_or_telemetry()
    {
        Configure();
        _key = Key().Match((await _agentmcp.Run("keys", "create", "mia", "--roles", "admin")).Output).Value;
        await _agentmcp.Run("keys", "create", Parrot.Control, "--roles", "read");
        var settings = _agentmcp.Environment.ToDictionary(setting => setting.Key.Replace("AGENTMCP_", "", StringComparison.Ordinal), setting => setting.Value);
        using var server = RunningServer.Launch(["http", "--port", "0", "--verbose"], _agentmcp.Database, settings, readErrors: true);
        var log = server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        _site = (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[^1].Replace("/mcp", "", StringComparison.Ordinal);

        var asked = await Call("talker", new { message = $"repeat {Parrot.Control}", wait_seconds = 60 });
        var thread = asked.GetProperty("thread_id").GetString()!;
        await Call("stuck", new { message = Parrot.Control, wait_seconds = 60 });
        await Call(Rude, new { message = "turn me away", wait_seconds = 60 });
        await Knock();
        await Look(thread, asked.GetProperty("requests")[0].GetProperty("id").GetString()!);
        _told["REST"] += await Body(HttpMethod.Post, $"/api/v1/threads/{thread}/answer", """{"response":"yes"}""", _key);
        var ended = await Call("wait_thread", new { thread_id = thread, wait_seconds = 60 });
        Assert.Equal(("completed", $"It is {Parrot.Control}."), (ended.GetProperty("status").GetString(), ended.GetProperty("output").GetProperty("message").GetString()));

        _told["stream"] = await Body(HttpMethod.Get, $"/api/v1/threads/{thread}/events", null, _key, change: request => request.Headers.Accept.ParseAdd("text/event-stream"));
        _told["audit"] = await Body(HttpMethod.Get, "/api/v1/audit", null, _key);

        string[][] commands = [["show", thread, "--json"], ["show", thread, "--prompt", $"{await LastStep(thread)}"], ["record", thread], ["audit", "--json"], ["doctor"]];
        await Task.WhenAll(commands.Select(Run));
        Assert.Equal(0, await RunningServer.Terminate(server));
        await OverStdio(settings);

        _told["log"] = await log;
        _told["database"] = string.Concat(Directory.EnumerateFiles(_agentmcp.Folder, "threads.db*").Where(file => !file.EndsWith("-access", StringComparison.Ordinal))
            .Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        _told["prompts"] = string.Concat(_parrot.Prompts);
        _told["telemetry"] = string.Concat(_collector.Bodies.Select(Encoding.Latin1.GetString));

        Assert.Contains($"Bearer {Header}", _parrot.Heard);
        Assert.Contains($"Bearer {ModelKey}", _parrot.Keys);
        Assert.Empty(_told.Where(place => !place.Value.Contains(Parrot.Control, StringComparison.Ordinal)).Select(place => place.Key));
        Assert.Contains("[redacted]", _told["prompts"], StringComparison.Ordinal);
        string[] secrets = [Header, .. Configured, Signature, Hook, Hook["whsec_".Length..], Receiver.Secret["whsec_".Length..], WrongKey[17..], _key[17..]];
        Assert.Empty(from place in _told from secret in secrets where place.Value.Contains(secret, StringComparison.OrdinalIgnoreCase) select $"{secret} in {place.Key}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _parrot.DisposeAsync();
        await _collector.DisposeAsync();
        await _hook.DisposeAsync();
        await _slack.DisposeAsync();
        _agentmcp.Dispose();
    }

    /// <summary>Those who do not come in.</summary>
    private async Task Knock()
    {
        var refused = await Body(HttpMethod.Get, "/api/v1/threads", null, WrongKey)
            + await Body(HttpMethod.Post, "/mcp", "{}", WrongKey)
            + await Body(HttpMethod.Post, "/sign-in", $"key={WrongKey}", null, "application/x-www-form-urlencoded")
            + await Body(HttpMethod.Post, "/triggers/ci", """{"type":"conversation.created"}""", null, change: request =>
            {
                request.Headers.Add("webhook-id", "msg_1");
                request.Headers.Add("webhook-timestamp", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
                request.Headers.Add("webhook-signature", $"v1,{Signature}");
            });
        Assert.Equal("(401) (401) (401) (400)", string.Join(' ', Status().Matches(refused)));
        _told["REST"] = refused;
    }

    /// <summary>Everything that shows the thread while it waits.</summary>
    private async Task Look(string thread, string request)
    {
        _told["REST"] += await Body(HttpMethod.Get, $"/api/v1/threads/{thread}?include_events=true", null, _key) + await Body(HttpMethod.Get, "/api/v1/requests", null, _key);
        await Call("get_thread", new { thread_id = thread, include_events = true });
        await Rpc("resource", "resources/read", new JsonObject { ["uri"] = $"thread://{thread}" }, $"thread://{thread}");
        await Rpc("transcript", "resources/read", new JsonObject { ["uri"] = $"thread://{thread}/transcript" }, $"thread://{thread}/transcript");
        _told["webhook"] = $"{(await _hook.Next()).Body}";
        _told["Slack"] = $"{(await _slack.Next("chat.postMessage")).Body}";
        await Task.WhenAll(Run(["inbox"]), Run(["threads", "--json"]));
        using var entered = await _http.PostAsync(new Uri(_site + "/sign-in"), new FormUrlEncodedContent([new("key", _key), new("page", "/")]), TestContext.Current.CancellationToken);
        _told["inbox"] = await entered.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (var page in new[] { $"/requests/{request}", $"/threads/{thread}", $"/threads/{thread}/log.json", $"/threads/{thread}/steps/{await LastStep(thread)}", "/agents/talker" })
        {
            _told[page] = await Body(HttpMethod.Get, page, null, null);
        }
    }

    private async Task OverStdio(Dictionary<string, string> settings)
    {
        await using var server = new RawStdio(RunningServer.Launch(["stdio", "--verbose"], _agentmcp.Database, settings, readErrors: true));
        var log = server.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await server.Initialize();
        await server.Ask("1", "talker", new { message = $"repeat {Parrot.Control}", wait_seconds = 60 });
        await server.Call("2", "stuck", new { message = Parrot.Control, wait_seconds = 60 });
        await server.Answer("2");
        Assert.Equal(0, await server.Close());
        (_told["standard output"], _told["standard error"]) = (string.Concat(server.Lines.Select(line => line.GetRawText())), await log);
    }

    private async Task<int> LastStep(string thread) => (await Call("get_thread", new { thread_id = thread, include_events = true })).GetProperty("events").EnumerateArray()
        .Index().Last(happened => happened.Item.GetProperty("type").GetString() == "step_chosen").Index + 1;

    private async Task<JsonElement> Call(string tool, object arguments)
    {
        var result = await Rpc($"{tool} {JsonSerializer.Serialize(arguments)}", "tools/call", new JsonObject { ["name"] = tool, ["arguments"] = JsonSerializer.SerializeToNode(arguments) }, tool);
        return result.TryGetProperty("structuredContent", out var content) ? content : result;
    }

    private async Task<JsonElement> Rpc(string place, string method, JsonObject parameters, string name)
    {
        parameters["_meta"] = JsonNode.Parse($$$"""{"io.modelcontextprotocol/protocolVersion":"{{{Ways.Newest}}}","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}""");
        using var client = RawHttp.Newest(new(_site + "/mcp"));
        using var answer = await client.Post(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters }.ToJsonString(), method, request =>
        {
            request.Headers.Authorization = new("Bearer", _key);
            request.Headers.Add("Mcp-Name", name);
        });
        var message = await RawHttp.Message(answer);
        _told[place] = message.GetRawText();
        return message.GetProperty("result");
    }

    private async Task<string> Body(HttpMethod method, string path, string? body, string? key, string media = "application/json", Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, _site + path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, media) };
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        change?.Invoke(request);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return $"({(int)answer.StatusCode}) {answer.Headers} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}\n";
    }

    private async Task Run(string[] arguments)
    {
        var ran = await _agentmcp.Run(arguments);
        lock (_told)
        {
            _told[string.Join(' ', arguments)] = ran.Output + ran.Error;
        }
    }

    [GeneratedRegex("amk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")]
    private static partial Regex Key();

    [GeneratedRegex(@"^\([0-9]{3}\)", RegexOptions.Multiline)]
    private static partial Regex Status();
}
