using System.Text.Json;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Subscriptions;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Tasks;

public sealed class Tasks_that_wait_for_the_same
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    [Trait("Accepts", "D.6")]
    public async Task Are_both_told_when_it_alone_moves()
    {
        await using var server = new InProcess();
        using var owner = new Owner(server.Core.Database);
        using var store = new ThreadStore(server.Core.Database, owner);
        var (root, middle, leaf) = (ThreadId.New(Nine), ThreadId.New(Nine), ThreadId.New(Nine));
        var started = new ThreadStarted(Nine, "calculator", "sha256:none", JsonText.Parse("{}"), "local", "stdio", "message_received");
        await Store(root, started, Chooses(), Waits(middle));
        await Store(middle, started with { Parent = root, ParentCall = new(2), Root = root, Depth = 1 }, Chooses(), Waits(leaf));
        await Store(leaf, started with { Parent = middle, ParentCall = new(2), Root = root, Depth = 2 });
        var options = new McpServerOptions();
        new McpSetup(server.Core, "stdio").Apply(options);
        server.Serve(options);
        await server.Send($$$$"""{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"taskIds":["{{{{root}}}}","{{{{middle}}}}"]},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{{{{ModernClient.WithForms}}}}}}}""");
        await server.Next();
        Assert.Equal([$"{root} working", $"{middle} working"], [Told(await server.Next()), Told(await server.Next())]);

        await store.Append(store.Read(leaf), [new RequestOpened(Nine, RequestKind.Question, "Which?")]);
        var told = new[] { Told(await server.Next()), Told(await server.Next()) };

        Assert.Equal([.. new[] { $"{root} input_required", $"{middle} input_required" }.Order(StringComparer.Ordinal)], told.Order(StringComparer.Ordinal));

        Task Store(ThreadId id, params ThreadEvent[] events) => store.Start(ThreadLog.Of(id, events), idempotencyKey: null, takeLease: false);
    }

    private static StepChosen Chooses() => new(Nine, "divide", JsonText.Parse("{}"), "rules", new(10, 2));

    private static RequestOpened Waits(ThreadId child) => new(Nine, RequestKind.Child, "Waits.", Child: child, Call: new(2));

    private static string Told(JsonElement message) =>
        message.GetProperty("params") is var task ? $"{task.GetProperty("taskId").GetString()} {task.GetProperty("status").GetString()}" : "";
}
