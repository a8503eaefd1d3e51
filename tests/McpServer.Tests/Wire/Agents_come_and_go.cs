using System.Text.Json;
using System.Threading.Channels;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Wire;

/// <summary>A file in the folder of agents is a tool seconds later, in the same chat, without a restart.</summary>
public sealed class Agents_come_and_go : IDisposable
{
    private const string Broken = ":4: unknown tool 'ad'; did you mean 'add'?";
    private readonly TestFolder _folder = new();
    private readonly string _agents;

    public Agents_come_and_go() => _agents = Directory.CreateDirectory(Path.Combine(_folder.Path, "agents")).FullName;

    [Theory]
    [Trait("Accepts", "F2.3")]
    [Trait("Accepts", "F10.3")]
    [Trait("Accepts", "R.13")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task And_whoever_listens_is_told_once_while_whoever_does_not_asks_list_agents(Transport transport)
    {
        await using var client = await ModernClient.Start(transport, _folder.Database, new Dictionary<string, string> { ["agents"] = _agents, ["model"] = "caller" });
        var tools = await client.Listen("""{"toolsListChanged":true}""");
        var resources = await client.Listen("""{"resourcesListChanged":true}""");
        await tools.Next();
        await resources.Next();

        Write("adder", "Adds.", "tools: [add]");

        Assert.Equal("notifications/tools/list_changed", Method(await tools.Next()));
        Assert.Equal("notifications/resources/list_changed", Method(await resources.Next()));
        Assert.Contains("adder", await Tools(client));
        Assert.Contains("adder", await Listed(client));
        Assert.Equal("pending", (await client.Do("adder", new { message = "1 and 2" })).GetProperty("status").GetString());
        Assert.Equal("pending", (await client.Do("invoke_agent", new { agent = "adder", input = new { message = "1 and 2" } })).GetProperty("status").GetString());
        Assert.Contains("Adds.", Text(await client.Ask("resources/read", new() { ["uri"] = "agent://adder" })), StringComparison.Ordinal);

        // What clients see of the tool stays the same: nobody is told, and the new prompt holds.
        Write("adder", "Adds.", "tools: [ad]");
        while (await Problems(client) is [])
        {
            await Task.Yield();
        }

        Assert.Equal([Path.Combine(_agents, "adder.agent.md") + Broken + " (until it is mended, adder stays as it was)"], await Problems(client));
        Assert.Equal("pending", (await client.Do("adder", new { message = "1 and 2" })).GetProperty("status").GetString());

        Write("adder", "Adds two numbers.", "tools: [add]");
        Assert.Equal("notifications/tools/list_changed", Method(await tools.Next()));
        Assert.Empty(await Problems(client));
        Assert.Contains("Adds two numbers.", Text(await client.Ask("tools/list", [])), StringComparison.Ordinal);

        File.Delete(Path.Combine(_agents, "adder.agent.md"));
        Assert.Equal("notifications/tools/list_changed", Method(await tools.Next()));
        Assert.DoesNotContain("adder", await Tools(client));
        Assert.Contains("There is no agent 'adder'. The agents are calculator, deploybot", Text(await client.Call("invoke_agent", new { agent = "adder", input = new { message = "x" } })), StringComparison.Ordinal);
        Assert.Contains("There is no agent 'calclator'; did you mean 'calculator'?", Text(await client.Call("invoke_agent", new { agent = "calclator", input = new { message = "x" } })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Sessions_of_earlier_protocols_are_told_too(Transport transport)
    {
        var told = Channel.CreateUnbounded<string>();
        await using var server = await RunningServer.Start(transport, _folder.Database, "2025-11-25", new Dictionary<string, string> { ["agents"] = _agents }, new McpClientOptions
        {
            Handlers = new() { NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, (notification, cancellation) => told.Writer.WriteAsync(notification.Method, cancellation))] },
        });

        Write("adder", "Adds.", "tools: [add]");

        Assert.Equal("notifications/tools/list_changed", await told.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Contains("adder", (await server.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(tool => tool.Name));
    }

    [Theory]
    [Trait("Accepts", "W.7")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task And_what_one_that_is_gone_began_is_found_by_its_key(Transport transport)
    {
        Write("adder", "Adds.", "tools: [add]");
        await using var server = await RunningServer.Start(transport, _folder.Database, settings: new Dictionary<string, string> { ["agents"] = _agents, ["model"] = "caller" });
        var began = await server.Do("adder", new { message = "1 and 2", idempotency_key = "mine" });

        File.Delete(Path.Combine(_agents, "adder.agent.md"));
        while ((await server.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Any(tool => tool.Name == "adder"))
        {
            await Task.Yield();
        }

        var again = await server.Do("invoke_agent", new { agent = "adder", input = new { message = "1 and 2" }, idempotency_key = "mine" });
        Assert.Equal((began.ThreadId, began.RequestId, began.Version), (again.ThreadId, again.RequestId, again.Version));
        Assert.StartsWith("agent_not_found", await server.Refusal("invoke_agent", new { agent = "adder", input = new { message = "1 and 3" }, idempotency_key = "mine" }));
        Assert.StartsWith("agent_not_found", await server.Refusal("invoke_agent", new { agent = "adder", input = new { message = "1 and 2" } }));
        var unknown = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(async () => await server.Call("adder", new { message = "1 and 2", idempotency_key = "mine" }));
        Assert.Equal(ModelContextProtocol.McpErrorCode.InvalidParams, unknown.ErrorCode);
    }

    [Theory]
    [Trait("Accepts", "W.7")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task And_what_one_began_that_takes_another_input_now_is_found_by_its_key(Transport transport)
    {
        Write("adder", "Adds.", "tools: [add]");
        await using var server = await RunningServer.Start(transport, _folder.Database, settings: new Dictionary<string, string> { ["agents"] = _agents, ["model"] = "caller" });
        var began = await server.Do("adder", new { message = "1 and 2", idempotency_key = "mine" });

        Write("adder", "Adds.", "tools: [add]\ninput: { type: object, properties: { sum: { type: string } }, required: [sum] }");
        while (!(await server.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Any(tool => tool.Name == "adder" && tool.JsonSchema.GetRawText().Contains("sum", StringComparison.Ordinal)))
        {
            await Task.Yield();
        }

        var again = await server.Do("adder", new { message = "1 and 2", idempotency_key = "mine" });
        Assert.Equal((began.ThreadId, began.RequestId, began.Version), (again.ThreadId, again.RequestId, again.Version));
        Assert.StartsWith("invalid_input", await server.Refusal("adder", new { message = "1 and 2", idempotency_key = "another" }));
        Assert.StartsWith("invalid_input", await server.Refusal("adder", new { message = "1 and 2" }));
        Assert.StartsWith("invalid_input", await server.Refusal("adder", new { message = "1 and 2", idempotency_key = "mine", wait_seconds = -1 }));
    }

    [Theory]
    [Trait("Accepts", "W.7")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task And_what_one_began_that_called_one_that_is_gone_is_found_by_its_key(Transport transport)
    {
        Write("adder", "Adds.", "tools: [add]");
        await using var server = await RunningServer.Start(transport, _folder.Database, settings: new Dictionary<string, string> { ["agents"] = _agents, ["model"] = "caller" });
        var calls = new[] { new { agent = "adder", input = new { message = "1 and 2" } } };
        var began = await server.Do("invoke_agent", Of("mine"));

        File.Delete(Path.Combine(_agents, "adder.agent.md"));
        while ((await server.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Any(tool => tool.Name == "adder"))
        {
            await Task.Yield();
        }

        Assert.Equal(began.ThreadId, (await server.Do("invoke_agent", Of("mine"))).ThreadId);
        Assert.StartsWith("agent_not_found", await server.Refusal("invoke_agent", Of("another")));

        object Of(string key) => new { agent = "side_by_side", input = new { calls }, idempotency_key = key };
    }

    public void Dispose() => _folder.Dispose();

    // Written beside and moved, so that nobody reads half of it.
    private void Write(string name, string description, string fields)
    {
        var beside = Path.Combine(_folder.Path, "written");
        File.WriteAllText(beside, $"---\nname: {name}\ndescription: {description}\n{fields}\n---\nYou are {name}.\n");
        File.Move(beside, Path.Combine(_agents, name + ".agent.md"), overwrite: true);
    }

    private static string? Method(JsonElement message) => message.GetProperty("method").GetString();

    private static string Text(JsonElement reply) => JsonSerializer.Deserialize<JsonElement>(reply.GetRawText()).GetProperty("result").GetRawText().Replace("\\u0027", "'", StringComparison.Ordinal);

    private static async Task<IEnumerable<string?>> Tools(ModernClient client) =>
        (await client.Ask("tools/list", [])).GetProperty("result").GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString());

    private static async Task<IEnumerable<string?>> Listed(ModernClient client) =>
        (await client.Do("list_agents", new { })).GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("name").GetString());

    private static async Task<string?[]> Problems(ModernClient client) =>
        [.. (await client.Do("list_agents", new { })).GetProperty("problems").EnumerateArray().Select(problem => problem.GetString())];
}
