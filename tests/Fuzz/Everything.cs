using System.Text;
using System.Text.Json;
using AgentMcp.Fuzz.Doors;
using AgentMcp.Fuzz.Inputs;
using AgentMcp.Fuzz.Targets;

namespace AgentMcp.Fuzz;

/// <summary>All targets, each with its part of the inputs, and the servers behind them.</summary>
internal sealed class Everything : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agentmcp-fuzz-").FullName;
    private readonly HttpDoor _http;
    private readonly HttpDoor _guarded;
    private readonly StdioDoor _stdio;
    private readonly StoredEvents _stored;
    private readonly Replies _replies;

    private Everything(HttpDoor http, HttpDoor guarded, StdioDoor stdio, StoredEvents stored, Func<Everything, (int Share, Target Target)[]> targets)
    {
        (_http, _guarded, _stdio, _stored) = (http, guarded, stdio, stored);
        _replies = new(_folder);
        Targets = targets(this);
    }

    /// <summary>With how many of a hundred inputs each gets.</summary>
    public IReadOnlyList<(int Share, Target Target)> Targets { get; }

    public static async Task<Everything> Open()
    {
        // As the program does first of all; what is checked in this process must not hang it either.
        AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromSeconds(1));
        Environment.SetEnvironmentVariable("AGENTMCP_AGENTS_HOME", "off");
        var http = await HttpDoor.Open();
        var done = Thread(await http.Begin("/threads", """{"agent":"calculator","input":{"message":"multiply 3 and 4"}}"""));
        var divide = Thread(await http.Begin("/threads", """{"agent":"calculator","input":{"message":"Divide 3 by 4"}}"""));
        var puppet = Thread(await http.Begin("/threads", """{"agent":"puppet","input":{"message":"go"}}"""));
        await http.Rest(HttpMethod.Post, $"/threads/{puppet}/answer", """{"response":{"intent":"request_human_input","question":"which?","context":"c","options":["a","b"]}}""");
        var call = (await http.Begin("/function_calls", """{"spec":{"fn":"push","kwargs":{"tag":"v1"}}}""")).GetProperty("call_id").GetString()!;
        var contact = (await http.Begin("/human_contacts", """{"spec":{"msg":"which?","response_options":[{"name":"a","title":"A"}]}}""")).GetProperty("call_id").GetString()!;
        var divided = await Settled(http, divide);
        var request = divided.GetProperty("requests")[0].GetProperty("id").GetString()!;
        await Settled(http, done);
        var state = await State(http, divide);
        var guarded = await HttpDoor.OpenGuarded();
        var credentials = await Credentials.Target(guarded);
        return new(http, guarded, await StdioDoor.Open(), await StoredEvents.Open(http, done, divide, puppet), all =>
        [
            (16, Messages.Stdio(all._stdio, divide, request)),
            (14, Messages.Http(http, divide, request)),
            (12, Messages.Arguments(http, divide, request)),
            (4, Messages.States(http, "wait_thread", """{"thread_id":"@0@"}""".With(divide), state, request)),
            (8, Requests.Headers(http)),
            (10, Requests.Rest(http, divide, call, contact)),
            (8, FromOutside.Webhooks(http, divide, request)),
            (4, FromOutside.Slack(http, request)),
            (4, FromOutside.Mail(http, request)),
            (2, all._stored.Target()),
            (4, all._replies.Target()),
            (4, Texts.Files(all._folder)),
            (6, Texts.Schemas()),
            (4, credentials),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        _stored.Dispose();
        _replies.Dispose();
        await _stdio.DisposeAsync();
        await _guarded.DisposeAsync();
        await _http.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Thread(JsonElement thread) => thread.GetProperty("thread_id").GetString()!;

    private static async Task<JsonElement> Settled(HttpDoor http, string thread)
    {
        while (true)
        {
            var shown = JsonElement.Parse((await http.Rest(HttpMethod.Get, $"/threads/{thread}?wait_seconds=5", null)).Body);
            if (shown.GetProperty("status").GetString() != "running")
            {
                return shown;
            }
        }
    }

    // A call that waits for somebody asks its client, and says with what state it is to be made again.
    private static async Task<string> State(HttpDoor http, string thread)
    {
        var (_, text, _) = await http.Send(HttpMethod.Post, "/mcp",
            Encoding.UTF8.GetBytes(Samples.Message("tools/call", """{"name":"wait_thread","arguments":{"thread_id":"@0@"},"_meta":@1@}""".With(thread, Samples.Meta.Replace(",\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}", "", StringComparison.Ordinal)))), "application/json",
            ("Accept", "application/json"), ("Accept", "text/event-stream"), ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "wait_thread"));
        var json = text.Split('\n').Last(line => line.StartsWith("data: {", StringComparison.Ordinal))["data: ".Length..];
        return JsonElement.Parse(json).GetProperty("result").GetProperty("requestState").GetString()!;
    }
}
