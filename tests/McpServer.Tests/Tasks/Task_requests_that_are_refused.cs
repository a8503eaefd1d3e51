using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;

namespace AgentMcp.Server.Tests.Tasks;

public sealed class Task_requests_that_are_refused(SharedServers servers)
{
    private const string Nobodys = "thr_00000000000000000000000000000000";

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_task_that_is_not_there_is_an_invalid_parameter(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);

        var errors = new List<string>();
        foreach (var method in new[] { "tasks/get", "tasks/update", "tasks/cancel" })
        {
            foreach (var id in new[] { Nobodys, "nonsense" })
            {
                errors.Add(Error(await client.Ask(method, new() { ["taskId"] = id, ["inputResponses"] = new JsonObject() }, ModernClient.WithForms)));
            }
        }

        var (unknown, nonsense) = ($$"""{"code":-32602,"message":"There is no task {{Nobodys}}."}""", """{"code":-32602,"message":"There is no task nonsense."}""");
        Assert.Equal([unknown, nonsense, unknown, nonsense, unknown, nonsense], errors);
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_client_that_did_not_declare_the_extension_is_told_what_is_missing(Transport transport)
    {
        const string missing = """{"code":-32021,"message":"This needs the client extension io.modelcontextprotocol/tasks; declare it in _meta of the request.","data":{"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}}""";
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);

        var errors = new List<string>();
        foreach (var method in new[] { "tasks/get", "tasks/update", "tasks/cancel" })
        {
            errors.Add(Error(await client.Ask(method, new() { ["taskId"] = Nobodys })));
        }

        errors.Add(Error(await (await client.Listen($$"""{"taskIds":["{{Nobodys}}"]}""")).Next()));
        Assert.Equal([missing, missing, missing, missing], errors);
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Earlier_protocols_have_no_such_methods(Transport transport)
    {
        var server = await servers.Of(transport, Ways.Sessions);

        foreach (var method in new[] { "tasks/get", "tasks/update", "tasks/cancel" })
        {
            var error = await Assert.ThrowsAsync<McpProtocolException>(() => server.Send(method, new JsonObject { ["taskId"] = Nobodys }));
            Assert.Equal(McpErrorCode.MethodNotFound, error.ErrorCode);
        }
    }

    [Fact]
    public async Task Over_http_the_header_must_name_the_task()
    {
        using var client = RawHttp.Newest((await servers.Of(Transport.Http, Ways.Newest)).Url!);
        const string body = """
            {"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"thr_00000000000000000000000000000000","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
             "io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}}}
            """;

        using var unnamed = await client.Post(body, "tasks/get");
        using var misnamed = await client.Post(body, "tasks/get", request => request.Headers.Add("Mcp-Name", "another"));

        Assert.Equal(["-32020", "-32020"], new[] { await Code(unnamed), await Code(misnamed) });
    }

    [Theory]
    [InlineData("""{}""", "tasks/get needs a taskId.")]
    [InlineData("""{"taskId":7}""", "tasks/get needs a taskId.")]
    public async Task What_is_no_task_request_is_refused(string parameters, string expected)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database);

        var refused = await client.Ask("tasks/get", JsonNode.Parse(parameters)!.AsObject(), ModernClient.WithForms);

        Assert.Equal($$"""{"code":-32602,"message":"{{expected}}"}""", Error(refused));
    }

    [Fact]
    public async Task Streams_take_only_lists_of_ids()
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database);

        var errors = new List<string>();
        foreach (var ids in new[] { "\"thr_1\"", "[7]", "[null]", "{}" })
        {
            errors.Add(Error(await (await client.Listen($$"""{"taskIds":{{ids}}}""", ModernClient.WithTasks)).Next()));
        }

        Assert.Equal(Enumerable.Repeat("""{"code":-32602,"message":"taskIds must be a list of task ids."}""", 4), errors);
    }

    private static string Error(JsonElement message) => Shown.Of(message.GetProperty("error"));

    private static async Task<string> Code(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonElement.Parse(text.Split('\n').Last(line => line.Contains('{', StringComparison.Ordinal)).Replace("data: ", "", StringComparison.Ordinal))
            .GetProperty("error").GetProperty("code").GetRawText();
    }
}
