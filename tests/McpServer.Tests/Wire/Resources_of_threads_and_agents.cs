using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Resources_of_threads_and_agents(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "F5.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_thread_can_be_read_as_its_log_and_as_a_transcript(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var done = await server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true, comment = "fine" });

        var log = await Read(server, $"thread://{done.ThreadId}");
        var transcript = await Read(server, $"thread://{done.ThreadId}/transcript");
        var output = await Read(server, $"thread://{done.ThreadId}/output");

        var parsed = JsonElement.Parse(log.Text);
        Assert.Equal(("application/json", done.ThreadId, 8), (log.MimeType, parsed.GetProperty("thread_id").GetString(), parsed.GetProperty("events").GetArrayLength()));
        Assert.Equal("""{"message":"The result is 0.75."}""", output.Text);
        Assert.Equal("text/markdown", transcript.MimeType);
        var how = transport == Transport.Stdio ? "stdio" : "http";
        Assert.Equal(
            [
                $"# calculator: {done.ThreadId}", "", "Status: completed", "",
                $"1. **Started by local through {how}**", "", "       {\"message\":\"divide 3 by 4\"}", "",
                "2. **Chose divide (rules)**", "", "       {\"a\":3,\"b\":4}", "",
                "3. **Asked (approval): Run divide with a 3, b 4?**", "",
                $"4. **Answered by local through {how}: approved**", "", "       fine", "",
                "5. **Started divide**", "",
                "6. **divide returned**", "", "       0.75", "",
                "7. **Chose done_for_now (rules)**", "", "       {\"message\":\"The result is 0.75.\"}", "",
                "8. **Completed**", "", "       {\"message\":\"The result is 0.75.\"}", "",
            ],
            transcript.Text.Split('\n').Select(line => line.EndsWith("Z)", StringComparison.Ordinal) ? line[..line.LastIndexOf(" (", StringComparison.Ordinal)] : line));
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Agents_are_listed_as_resources_and_can_be_read(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);

        var listed = await server.Client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken);
        var templates = await server.Client.ListResourceTemplatesAsync(cancellationToken: TestContext.Current.CancellationToken);
        var definition = JsonElement.Parse((await Read(server, "agent://calculator")).Text);

        Assert.Equal(["agent://brief", "agent://calculator", "agent://careful", "agent://deploybot", "agent://guarded", "agent://listed", "agent://pipeline", "agent://puppet",
                "agent://rollback", "agent://slow"], listed.Select(resource => resource.Uri));
        Assert.Equal(["thread://{id}", "thread://{id}/output", "thread://{id}/transcript"], templates.Select(template => template.UriTemplate));
        Assert.Equal("Does arithmetic one operation at a time, and asks before it divides.", definition.GetProperty("description").GetString());
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task What_is_not_there_is_an_error_with_the_code_of_the_protocol_version(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var expected = protocol == Ways.Newest ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound;

        foreach (var uri in new[]
        {
            "thread://thr_00000000000000000000000000000000", "thread://nothing/transcript", "agent://nobody", "elsewhere://x", $"thread://{pending.ThreadId}/nothing",
        })
        {
            var error = await Assert.ThrowsAsync<McpProtocolException>(async () => await Read(server, uri));
            Assert.Equal((uri, expected), (uri, error.ErrorCode));
            Assert.Contains(uri, error.Message, StringComparison.Ordinal);
        }

        var unfinished = await Assert.ThrowsAsync<McpProtocolException>(async () => await Read(server, $"thread://{pending.ThreadId}/output"));
        Assert.EndsWith($"{pending.ThreadId} is pending and has no output.", unfinished.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_bulky_output_is_linked_and_read_from_its_resource(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var start = await server.Do("puppet", new { message = "go" });
        var much = new string('y', 70_000);

        var done = await server.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "nothing_to_do", message = much } });

        var link = Assert.IsType<ResourceLinkBlock>(done.Result.Content[1]);
        Assert.Equal($"thread://{done.ThreadId}/output", link.Uri);
        Assert.Equal($$"""{"resource":"{{link.Uri}}","characters":70014}""", done.Json.GetProperty("output").GetRawText());
        Assert.True(done.Sentence.Length < 1000);
        Assert.Equal(much, JsonElement.Parse((await Read(server, link.Uri)).Text).GetProperty("message").GetString());
    }

    private static async Task<TextResourceContents> Read(RunningServer server, string uri) =>
        Assert.IsType<TextResourceContents>(Assert.Single((await server.Client.ReadResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken)).Contents));
}
