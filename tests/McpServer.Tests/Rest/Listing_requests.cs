using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed partial class Listing_requests
{
    [Fact]
    [Trait("Accepts", "A2H.1")]
    [Trait("Accepts", "A2H.2")]
    public async Task Everything_that_waits_for_a_person_is_listed_newest_first_and_by_pages_until_it_is_answered()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var rest = new RestClient(server.Url!, folder.Database);
        Assert.Equal("""200 {"requests":[],"next_cursor":null}""", await rest.Get("/requests"));
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"hello"}}""");
        await rest.Post("/function_calls", """{"spec":{"fn":"send_mail","kwargs":{}}}""");
        const string Mail = """
            {"kind":"approval","function_call":{"run_id":"thr_C","call_id":"req_C_3","spec":{"fn":"send_mail","kwargs":{},"state":{"thread_id":"thr_C","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:4fdd"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null}}}
            """;
        const string Hello = """
            {"kind":"question","human_contact":{"run_id":"thr_B","call_id":"req_B_3","spec":{"msg":"QUESTION","state":{"thread_id":"thr_B","agent":"calculator","kind":"question","question":"QUESTION","answerable_by":"caller"}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null}}}
            """;
        const string Divide = """
            {"kind":"approval","function_call":{"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null}}}
            """;

        Assert.Equal($$"""200 {"requests":[{{Mail}},{{Hello}},{{Divide}}],"next_cursor":null}""", Short(await rest.Get("/requests")));
        Assert.Equal($$"""200 {"requests":[{{Mail}},{{Divide}}],"next_cursor":null}""", Short(await rest.Get("/requests?kind=approval")));
        Assert.Equal($$"""200 {"requests":[{{Hello}}],"next_cursor":null}""", Short(await rest.Get("/requests?agent=calculator&kind=question")));
        Assert.Equal("""200 {"requests":[],"next_cursor":null}""", await rest.Get("/requests?asked_before=2020-01-01T00:00:00Z"));
        var first = await rest.Get("/requests?limit=2");
        Assert.Equal($$"""200 {"requests":[{{Mail}},{{Hello}}],"next_cursor":"CURSOR-thr_B"}""", Short(first));
        Assert.Equal($$"""200 {"requests":[{{Divide}}],"next_cursor":null}""", Short(await rest.Get($"/requests?limit=2&cursor={Cursor().Match(first).Value}")));

        await rest.Post("/function_calls/req_A_3/respond", """{"approved":true}""");
        await rest.Post("/human_contacts/req_B_3/respond", """{"response":"add 1 and 2"}""");

        Assert.Equal($$"""200 {"requests":[{{Mail}}],"next_cursor":null}""", Short(await rest.Get("/requests")));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("approve")]
    public async Task A_thread_that_cannot_be_read_hides_no_request_of_another(string roles)
    {
        await using var server = await GuardedServer.Start();
        await server.Key("mia", roles);
        var (damaged, whole) = ((await server.Asking("ana")).Thread.Id, (await server.Asking("ana")).Thread.Id);
        ForeignEvent.Append(server.Database, damaged.Value);

        var listed = await GuardedServer.Say(server.As("mia"), "GET", "/api/v1/requests");

        Assert.StartsWith("200 ", listed, StringComparison.Ordinal);
        Assert.Equal([$"req_{whole.Value[4..]}_3"], JsonElement.Parse(listed[4..]).GetProperty("requests").EnumerateArray()
            .Select(request => request.GetProperty("function_call").GetProperty("call_id").GetString()));
    }

    [Fact]
    [Trait("Accepts", "W.8")]
    public async Task Threads_are_listed_by_what_they_are_and_by_pages()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var rest = new RestClient(server.Url!, folder.Database);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"add 1 and 2"}}""");
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 1 by 2"}}""");
        const string A = """{"thread_id":"thr_A","agent":"calculator","status":"pending","kind":"approval","version":3,"started_at":"TIME","updated_at":"TIME"}""";
        const string B = """{"thread_id":"thr_B","agent":"calculator","status":"completed","kind":null,"version":6,"started_at":"TIME","updated_at":"TIME"}""";
        const string C = """{"thread_id":"thr_C","agent":"calculator","status":"pending","kind":"approval","version":3,"started_at":"TIME","updated_at":"TIME"}""";

        Assert.Equal($$"""200 {"threads":[{{C}},{{B}},{{A}}],"next_cursor":null}""", await rest.Get("/threads"));
        Assert.Equal($$"""200 {"threads":[{{C}},{{B}}],"next_cursor":"thr_B"}""", await rest.Get("/threads?limit=2"));
        Assert.Equal($$"""200 {"threads":[{{A}}],"next_cursor":null}""", await rest.Get("/threads?limit=2&cursor=thr_B"));
        Assert.Equal($$"""200 {"threads":[{{C}},{{A}}],"next_cursor":null}""", await rest.Get("/threads?status=pending&kind=approval&agent=calculator"));
        Assert.Equal("""200 {"threads":[],"next_cursor":null}""", await rest.Get("/threads?started_before=2020-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task Agents_are_listed_with_their_schemas_and_those_that_only_ask_are_not()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var rest = new RestClient(server.Url!, folder.Database);
        const string Message = """{"type":"object","properties":{"message":{"type":"string","minLength":1}},"required":["message"],"additionalProperties":false}""";

        const string PipelineInput = """{"type":"object","properties":{"commit":{"type":"string","minLength":1,"description":"What was merged: a SHA, a tag, or latest, which it is when left out."}},"additionalProperties":false}""";
        const string PipelineOutput = """{"type":"object","properties":{"outcome":{"type":"string","enum":["staging_failed","not_deployed","deployed","rolled_back","recovered","left_failing"]},"sha":{"type":"string"},"production":{"type":"object","description":"What is live now.","properties":{"backend":{"type":"object","properties":{"sha":{"type":"string"}},"required":["sha"]},"frontend":{"type":"object","properties":{"deployment_id":{"type":"string"},"sha":{"type":"string"}},"required":["deployment_id"]}}},"failed_tests":{"type":"array","items":{"type":"object","properties":{"test":{"type":"string"},"why":{"type":"string"}},"required":["test","why"]}},"message":{"type":"string"}},"required":["outcome","sha","production","failed_tests","message"],"additionalProperties":false}""";
        const string RollbackInput = """{"type":"object","properties":{"sha":{"type":"string","minLength":1,"description":"The commit whose deploy is to be taken back."},"deployed":{"type":"object","description":"What that deploy put into production; a part that it left alone is missing.","properties":{"backend":{"type":"object","properties":{"sha":{"type":"string","minLength":1}},"required":["sha"]},"frontend":{"type":"object","properties":{"deployment_id":{"type":"string","minLength":1},"sha":{"type":["string","null"]}},"required":["deployment_id"]}}},"before":{"type":"object","description":"What those parts were before; one that was not there yet is missing.","properties":{"backend":{"type":"object","properties":{"sha":{"type":"string","minLength":1}},"required":["sha"]},"frontend":{"type":"object","properties":{"deployment_id":{"type":"string","minLength":1},"sha":{"type":["string","null"]}},"required":["deployment_id"]}}},"failed_tests":{"type":"array","items":{"type":"object","properties":{"test":{"type":"string"},"why":{"type":"string"}},"required":["test","why"]}}},"required":["sha","deployed","before","failed_tests"],"additionalProperties":false}""";

        Assert.Equal(
            $$"""
            200 {"agents":[{"name":"calculator","description":"Does arithmetic one operation at a time, and asks before it divides.","input":{{Message}},"output":{{Message}}},{"name":"deploybot","description":"Deploys one monorepo to production, backend by a production tag and frontend by promoting a deployment, and asks a person before each deploy.","input":{{Message}},"output":{{Message}}},{"name":"pipeline","description":"Brings a merged commit to production: staging and its tests, deploybot with its approvals, tests of production, and rollback when those fail.","input":{{PipelineInput}},"output":{{PipelineOutput}}},{"name":"rollback","description":"Takes production back to what it was before a deploy whose tests failed, one part at a time, and asks a person before each.","input":{{RollbackInput}},"output":{{Message}}}],"problems":[],"notes":[]}
            """,
            await rest.Get("/agents"));
    }

    private static string Short(string text) => Question().Replace(Number().Replace(Digest().Replace(text, "sha256:$1"), "CURSOR-"), "\"$1\":\"QUESTION\"");

    [GeneratedRegex("sha256:([0-9a-f]{4})[0-9a-f]{60}")]
    private static partial Regex Digest();

    [GeneratedRegex("[0-9]{13}-")]
    private static partial Regex Number();

    [GeneratedRegex("\"(msg|question)\":\"(?!Run |May )[^\"]*\"")]
    private static partial Regex Question();

    [GeneratedRegex("[0-9]{13}-thr_B")]
    private static partial Regex Cursor();
}
