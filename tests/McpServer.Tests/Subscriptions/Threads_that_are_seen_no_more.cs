using System.Text.Json.Nodes;
using System.Threading.Channels;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Subscriptions;

/// <summary>An approver is told that a thread has moved for as long as it sees it; one that moves after it and is seen is told as ever.</summary>
public sealed class Threads_that_are_seen_no_more
{
    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task Are_not_told_to_a_session_that_subscribed()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("app", "approve");
        await using var app = await server.Mcp("app", Ways.Sessions);
        var told = Channel.CreateUnbounded<JsonNode?>();
        await using var listening = app.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification,
            (notification, cancellation) => told.Writer.WriteAsync(notification.Params, cancellation));
        var (answered, asks) = (await server.Asking("ana"), await server.Asking("ana"));
        foreach (var log in new[] { answered, asks })
        {
            await app.SubscribeToResourceAsync($"thread://{log.Thread.Id}", cancellationToken: TestContext.Current.CancellationToken);
        }

        await Move(server.Core, answered, asks);

        Assert.Equal($$"""{"uri":"thread://{{asks.Thread.Id}}"}""", (await told.Reader.ReadAsync(TestContext.Current.CancellationToken))!.ToJsonString());
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task Are_not_told_on_a_stream_that_listens()
    {
        await using var server = new InProcess();
        var options = new McpServerOptions();
        options.Filters.Message.IncomingFilters.Add(next => (context, cancellation) =>
        {
            context.User = new(new PrincipalIdentity(new("app", Roles.Approve)));
            return next(context, cancellation);
        });
        new McpSetup(server.Core, "http").Apply(options);
        server.Serve(options);
        var (answered, asks) = (await Asking(server.Core), await Asking(server.Core));
        await server.Send("""{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["thread://ONE","thread://OTHER"]},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"""
            .Replace("ONE", answered.Thread.Id.Value, StringComparison.Ordinal).Replace("OTHER", asks.Thread.Id.Value, StringComparison.Ordinal));
        Assert.Equal(2, (await server.Next()).GetProperty("params").GetProperty("notifications").GetProperty("resourceSubscriptions").GetArrayLength());

        await Move(server.Core, answered, asks);

        Assert.Equal($"thread://{asks.Thread.Id}", (await server.Next()).GetProperty("params").GetProperty("uri").GetString());
    }

    // The one is answered by another approver and ends; of the other it is noted that somebody did not answer.
    private static async Task Move(Core core, ThreadLog answered, ThreadLog asks)
    {
        await core.Host.Answer(answered.Thread.Id, new("mia", "http", IsHuman: true), null, true, null, null, owner: "ana");
        await core.Host.Wait(answered.Thread.Id, "ana", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await core.Host.LeaveOpen(asks.Thread.Id, new("mia", "form"), asks.Thread.OpenRequests[0].Id, "it was closed", owner: "ana");
    }

    private static async Task<ThreadLog> Asking(Core core) => await core.Host.Wait(
        await core.Host.Start("calculator", JsonText.Parse("""{"message":"divide 3 by 4"}"""), new("ana", "http")), "ana", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
}
