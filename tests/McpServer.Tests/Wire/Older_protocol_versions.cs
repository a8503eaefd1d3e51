using AgentMcp.Server.Tests.Running;

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
}
