using System.Text.Json.Nodes;
using AgentMcp.Server.Access;
using AgentMcp.Server.Protocol.Tasks;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Subscriptions;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Tasks;

public sealed class Who_is_asked
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Each kind of request as the task of a client that shows forms and of one that does not.</summary>
    [Theory]
    [InlineData(RequestKind.Question, "input_required", "completed")]
    [InlineData(RequestKind.Approval, "input_required", "completed")]
    [InlineData(RequestKind.Budget, "input_required", "completed")]
    [InlineData(RequestKind.InDoubt, "input_required", "completed")]
    [InlineData(RequestKind.ExternalResult, "completed", "completed")]
    [InlineData(RequestKind.NextStep, "completed", "completed")]
    [InlineData(RequestKind.Sleep, "working", "working")]
    [InlineData(RequestKind.Child, "working", "working")]
    public async Task A_form_is_for_people_and_what_goes_on_by_itself_is_at_work(RequestKind kind, string withForms, string without)
    {
        await using var server = new InProcess();
        var log = await Stored(server.Core.Database, new RequestOpened(Noon, kind, "Which?", DueAt: kind == RequestKind.Sleep ? Noon.AddHours(1) : null));
        var shape = new TaskShape(server.Core);

        Assert.Equal((withForms, without), (shape.Of(log, Client(forms: true)).State.Status, shape.Of(log, Client(forms: false)).State.Status));
    }

    [Theory]
    [InlineData("local", "input_required")]
    [InlineData("mia", "completed")]
    public async Task Who_may_not_answer_is_shown_no_form(string responder, string status)
    {
        await using var server = new InProcess();
        var log = await Stored(server.Core.Database, new RequestOpened(Noon, RequestKind.Question, "Which?", Responders: [responder]));

        Assert.Equal(status, new TaskShape(server.Core).Of(log, Client(forms: true)).State.Status);
    }

    [Theory]
    [InlineData("local", "completed")]
    [InlineData("mia", "input_required")]
    public async Task Only_who_closed_a_form_is_not_shown_it_again(string closer, string status)
    {
        await using var server = new InProcess();
        var log = await Stored(server.Core.Database, new RequestOpened(Noon, RequestKind.Question, "Which?"),
            new AnswerRefused(Noon, new(2), closer, "elicitation", "the form was closed without an answer (decline)"));

        Assert.Equal(status, new TaskShape(server.Core).Of(log, Client(forms: true)).State.Status);
    }

    private static JsonRpcRequest Client(bool forms) => new()
    {
        Method = "tasks/get",
        Context = new()
        {
            User = PrincipalIdentity.Local,
            ProtocolVersion = Ways.Newest,
            ClientCapabilities = new()
            {
                Elicitation = forms ? new() { Form = new() } : null,
                Extensions = new Dictionary<string, object> { ["io.modelcontextprotocol/tasks"] = new JsonObject() },
            },
        },
    };

    private static async Task<ThreadLog> Stored(Database database, params ThreadEvent[] happened)
    {
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var id = ThreadId.New(Noon);
        var started = new ThreadStarted(Noon, "calculator", "sha256:none", JsonText.Parse("{}"), "local", "stdio", "message_received");
        await store.Start(id, started, null, takeLease: false);
        return (await store.Append(ThreadLog.Of(id, [started]), happened)).Log;
    }
}
