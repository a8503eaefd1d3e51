using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Calls_in_doubt_over_rest
{
    private const string Options =
        """[{"name":"done","title":"It happened","description":"Give what it returned as result.","interactive":false},{"name":"run_again","title":"Run it again","description":"Only if it is certain, or harmless, that it did not happen.","interactive":false},{"name":"skip","title":"Leave it","description":"Do not run it; let the agent go on without a result.","interactive":false}]""";

    private const string Spec =
        $$$"""{"msg":"What became of divide?","response_options":{{{Options}}},"state":{"thread_id":"thr_A","agent":"calculator","kind":"in_doubt","question":"What became of divide?","answerable_by":"caller","schema":{"type":"object","properties":{"outcome":{"type":"string","enum":["done","run_again","skip"]},"result":{}},"required":["outcome"],"additionalProperties":false},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}}""";

    [Fact]
    [Trait("Accepts", "A2H.1")]
    [Trait("Accepts", "F8.7")]
    public async Task What_became_of_a_call_that_was_cut_off_is_said_by_an_option_with_its_result()
    {
        using var folder = new TestFolder();
        await CutOff(folder.Database);
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var rest = new RestClient(server.Url!, folder.Database);
        await rest.Get("/threads");

        Assert.Equal($$$$"""200 {"run_id":"thr_A","call_id":"req_A_4","spec":{{{{Spec}}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null}}""",
            await rest.Get("/human_contacts/req_A_4"));
        Assert.StartsWith("""422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The response does not fit: 'outcome' must be one of \"done\", \"run_again\", \"skip\".""",
            await rest.Post("/human_contacts/req_A_4/respond", """{"response_option_name":"perhaps"}"""), StringComparison.Ordinal);
        Assert.Equal($$$$"""200 {"run_id":"thr_A","call_id":"req_A_4","spec":{{{{Spec}}}},"status":{"requested_at":"TIME","responded_at":"TIME","response":{"outcome":"done","result":0.75},"response_option_name":"done","user_info":{"by":"local","channel":"rest"}}}""",
            await rest.Post("/human_contacts/req_A_4/respond", """{"response_option_name":"done","response":0.75}"""));
        Assert.Contains("The result is 0.75.", await rest.Get("/threads/thr_A?wait_seconds=40"), StringComparison.Ordinal);
    }

    // What a process leaves that was killed while it divided.
    private static async Task CutOff(string path)
    {
        using var database = Database.Open(path);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var (now, divide) = (DateTimeOffset.UtcNow, JsonText.Parse("""{"a":3,"b":4}"""));
        var start = new ThreadStarted(now, "calculator", "sha256:of-none-that-is-stored", JsonText.Parse("""{"message":"divide 3 by 4"}"""), "local", "stdio", "message_received");
        var id = (await store.Start(ThreadId.New(now), start, null, takeLease: false)).Id;
        await store.Append(store.Read(id),
        [
            new StepChosen(now, "divide", divide, "rules"),
            new ToolStarted(now, new CallId(2), 1),
            new RequestOpened(now, RequestKind.InDoubt, "What became of divide?", Schema: InDoubtAnswer.Schema, Options: InDoubtAnswer.Options, Action: ActionDigest.Bind("divide", divide)),
        ]);
    }
}
