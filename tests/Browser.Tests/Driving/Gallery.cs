using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Browser.Tests.Driving;

/// <summary>One of everything that has a page, on one server, with the path of each page by its name.</summary>
public sealed class Gallery : IAsyncDisposable
{
    public const string Form = """
        {"type":"object","properties":{
          "recipient":{"type":"string","maxLength":100,"description":"As it stands in the contract."},
          "way":{"type":"string","title":"Sent by","enum":["e-mail","post"]},
          "month":{"type":"string","enum":["1","2","3","4","5","6","7","8"]},
          "due":{"type":"string","format":"date","title":"Payable until"},
          "copies":{"type":"integer","minimum":1,"maximum":5,"default":1},
          "price":{"type":"number"},
          "reminder":{"type":"boolean"},
          "tags":{"type":"array","items":{"type":"string","enum":["new","urgent"]}},
          "details":{"type":"object"},
          "note":{"type":"string"}},"required":["recipient","way","due","price"]}
        """;

    private readonly TestFolder _agents;

    private Gallery(OpenInbox inbox, TestFolder agents) => (Inbox, _agents) = (inbox, agents);

    public OpenInbox Inbox { get; }

    public SortedDictionary<string, string> Pages { get; } = new(StringComparer.Ordinal)
    {
        ["pending"] = "/",
        ["pending, filtered"] = "/?agent=calculator&kind=approval",
        ["pending, none"] = "/?age=7d&kind=budget",
        ["threads"] = "/threads",
        ["threads, none"] = "/threads?q=nobody+said+this",
        ["agents"] = "/agents",
        ["agent"] = "/agents/calculator",
        ["agent of a file"] = "/agents/clerk",
        ["not there"] = "/threads/nothing",
    };

    /// <param name="text">Stands wherever a model, a person or a tool can write something.</param>
    public static async Task<Gallery> Open(Chromium chromium, string text)
    {
        var agents = new TestFolder();
        Said.InAgentFiles(text, agents.Path);
        var gallery = new Gallery(await OpenInbox.Start(chromium, new Dictionary<string, string> { ["agents"] = agents.Path }), agents);
        var server = gallery.Inbox.Server;
        var divide = await server.Do("calculator", new { message = "divide 3 by 4" });
        gallery.Pages["approval"] = $"/requests/{divide.RequestId}";
        var settled = await server.Do("calculator", new { message = "divide 6 by 4" });
        await server.Do("resume_thread", new { thread_id = settled.ThreadId, approved = false, comment = text });
        gallery.Pages["settled"] = $"/requests/{settled.RequestId}";
        gallery.Pages["thread"] = $"/threads/{settled.ThreadId}";
        gallery.Pages["step"] = $"/threads/{settled.ThreadId}/steps/2";
        var done = await server.Do("calculator", new { message = "multiply 3 and 4" });
        gallery.Pages["completed"] = $"/threads/{done.ThreadId}";
        var words = await server.Do("calculator", new { message = text });
        gallery.Pages["question"] = $"/requests/{words.RequestId}";
        gallery.Pages["its thread"] = $"/threads/{words.ThreadId}";
        gallery.Pages["its step"] = $"/threads/{words.ThreadId}/steps/2";
        await gallery.Plant("form", RequestKind.Question, text, JsonText.Parse(Form), null);
        await gallery.Plant("options", RequestKind.Question, text, null, [new("one", text, text), new("two")]);
        await gallery.Plant("choice", RequestKind.Question, text, JsonText.Parse("""{"type":"string","enum":["yes","no"]}"""), [new("yes"), new("no")]);
        await gallery.Plant("budget", RequestKind.Budget, text, null, null);
        await gallery.Plant("in doubt", RequestKind.InDoubt, text, null, null);
        await gallery.Plant("result", RequestKind.ExternalResult, text, null, null);
        await gallery.Plant("next step", RequestKind.NextStep, text, JsonText.Parse("""{"anyOf":[{"type":"object"},{"type":"string"}]}"""), null);
        var parent = await gallery.Plant("sleep", RequestKind.Sleep, text, null, null, DateTimeOffset.UtcNow.AddDays(1));
        gallery.Pages["with children"] = $"/threads/{parent.Thread}";
        var action = ActionDigest.Bind("divide", JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString(text, text);
            writer.WriteStartArray("list");
            writer.WriteStringValue(text);
            writer.WriteNullValue();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }));
        var child = await Planted.Request(gallery.Inbox.Database, new(DateTimeOffset.UtcNow, RequestKind.Approval, text, text, Action: action), message: text, parent: parent.Thread);
        gallery.Pages["action"] = $"/requests/{child.Request}";
        gallery.Pages["a child"] = $"/threads/{child.Thread}";
        await gallery.Plant("changes", RequestKind.Approval, text, null, [new("one", text)], changes: JsonText.Parse(Form), action: ActionDigest.Bind("divide", JsonText.Parse("""{"recipient":"a"}""")));
        var ended = await Planted.Log(gallery.Inbox.Database, null, Said.InAThread(text));
        gallery.Pages["everything said"] = $"/threads/{ended}";
        gallery.Pages["what a model was told of it"] = $"/threads/{ended}/steps/18";
        gallery.Pages["a reply that was no step"] = $"/threads/{ended}/steps/11";
        gallery.Pages["an answer of somebody"] = $"/requests/{new RequestId(13).In(ended)}";
        gallery.Pages["found"] = $"/threads?q={Uri.EscapeDataString(text.Length > 20 ? text[..20] : text)}";
        return gallery;
    }

    public async ValueTask DisposeAsync()
    {
        await Inbox.DisposeAsync();
        _agents.Dispose();
    }

    private async Task<Asked> Plant(string name, RequestKind kind, string text, JsonText? schema, IReadOnlyList<ResponseOption>? options,
        DateTimeOffset? due = null, JsonText? changes = null, BoundAction? action = null)
    {
        var asked = await Planted.Request(Inbox.Database, new(DateTimeOffset.UtcNow, kind, text, text, schema, options, action, DueAt: due, Changes: changes), message: text);
        Pages[name] = $"/requests/{asked.Request}";
        return asked;
    }
}
