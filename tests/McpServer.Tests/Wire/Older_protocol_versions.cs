using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Older_protocol_versions(SharedServers servers)
{
    [Theory]
    [InlineData(Transport.Stdio, "2024-11-05")]
    [InlineData(Transport.Stdio, "2025-03-26")]
    [InlineData(Transport.Stdio, "2025-06-18")]
    [InlineData(Transport.Http, "2024-11-05")]
    [InlineData(Transport.Http, "2025-03-26")]
    [InlineData(Transport.Http, "2025-06-18")]
    public async Task A_client_of_any_version_starts_and_resumes_a_thread(Transport transport, string protocol)
    {
        using var folder = new TestFolder();
        await using var server = transport == Transport.Stdio
            ? await RunningServer.Start(transport, folder.Database, protocol)
            : await (await servers.Of(Transport.Http, Ways.Sessions)).Again(protocol);

        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var done = await server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true });

        Assert.Equal((protocol, "pending", "The result is 0.75."), (server.Client.NegotiatedProtocolVersion, pending.Status, done.Message));
    }

    [Theory]
    [InlineData("2024-11-05")]
    [InlineData("2025-03-26")]
    public async Task A_client_that_knows_no_links_is_sent_none(string protocol)
    {
        await using var server = await (await servers.Of(Transport.Http, Ways.Sessions)).Again(protocol);
        var start = await server.Do("puppet", new { message = "go" });

        var done = await server.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "nothing_to_do", message = new string('y', 70_000) } });

        Assert.IsType<TextContentBlock>(Assert.Single(done.Result.Content));
        Assert.EndsWith($"read it from thread://{done.ThreadId}/output.", done.Sentence, StringComparison.Ordinal);
    }
}
