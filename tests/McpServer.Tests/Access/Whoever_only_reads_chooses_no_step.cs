using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

// MCP9005: sampling is going away from the protocol one day; clients of today have it.
#pragma warning disable MCP9005

namespace AgentMcp.Server.Tests.Access;

/// <summary>To choose the step of a thread is to go on with it: that takes the role for it, also where the client's model is asked.</summary>
public sealed class Whoever_only_reads_chooses_no_step
{
    [Theory]
    [Trait("Accepts", "P.1")]
    [InlineData(Ways.Newest)]
    [InlineData(Ways.Sessions)]
    public async Task The_model_of_its_client_is_not_asked(string protocol)
    {
        await using var server = await GuardedServer.Start(("model", "sampling"));
        var before = await Waiting(server);
        await Demote(server);
        var asked = 0;
        await using var ci = await server.Mcp(server.As("ci"), protocol, Playing(() => Task.FromResult(asked++)));

        var seen = await Wait(ci, before.Thread.Id);

        Assert.Equal(("pending", 0), (seen.StructuredContent!.Value.GetProperty("status").GetString(), asked));
        Assert.Equal(before.Events, server.Core.Host.Get(before.Thread.Id, "ci").Events);
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task A_state_from_when_it_could_does_not_choose_one_either()
    {
        await using var server = await GuardedServer.Start(("model", "sampling"));
        var before = await Waiting(server);
        var http = server.As("ci");
        await using var ci = await server.Mcp(http, Ways.Newest, Playing(async () => http.DefaultRequestHeaders.Authorization = new("Bearer", await Demote(server))));

        var seen = await Wait(ci, before.Thread.Id);

        Assert.StartsWith("The step of the client's model was not taken: it is not yours to choose. ", ((TextContentBlock)seen.Content[0]).Text, StringComparison.Ordinal);
        Assert.Equal(before.Events, server.Core.Host.Get(before.Thread.Id, "ci").Events);
    }

    private static async Task<ThreadLog> Waiting(GuardedServer server)
    {
        await server.Key("ci", "run");
        var log = await server.Settled("ci", "calculator", JsonText.Parse("""{"message":"add 3 and 4"}"""));
        Assert.Equal(RequestKind.NextStep, Assert.Single(log.Thread.OpenRequests).Asked.Kind);
        return log;
    }

    private static async Task<string> Demote(GuardedServer server)
    {
        await server.Revoke("ci");
        return await server.Key("ci", "read");
    }

    private static ValueTask<CallToolResult> Wait(McpClient client, ThreadId thread) =>
        client.CallToolAsync("wait_thread", new Dictionary<string, object?> { ["thread_id"] = thread.Value }, cancellationToken: TestContext.Current.CancellationToken);

    private static McpClientOptions Playing(Func<Task> asked) => new()
    {
        Handlers = new()
        {
            SamplingHandler = async (_, _, _) =>
            {
                await asked();
                return new() { Role = Role.Assistant, Model = "test-model", Content = [new TextContentBlock { Text = """{"intent":"done_for_now","message":"It is 7."}""" }], StopReason = "endTurn" };
            },
        },
    };
}
