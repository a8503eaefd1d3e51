using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Access;

public sealed class Some_agents_are_for_some_only
{
    [Fact]
    public async Task To_all_others_they_are_agents_that_nobody_has()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "vault.agent.md"),
            "---\nname: vault\ndescription: An agent of the tests.\nallow: [approve, mia]\ntools: [divide]\n---\nYou are {{agent}}.\n", TestContext.Current.CancellationToken);
        await using var server = await GuardedServer.Start(("agents", folder.Path), ("allow:deploybot", "mia"));
        await server.Key("mia", "run");
        await server.Key("ben", "run,read");
        await using var mia = await server.Mcp("mia");
        await using var ben = await server.Mcp("ben");
        var thread = (await server.Settled("mia", "vault", JsonText.Parse("""{"message":"hello"}"""))).Thread.Id.Value;

        Assert.Equal(["calculator", "deploybot", "pipeline", "rollback", "vault"], await Agents(mia));
        Assert.Equal(["calculator", "pipeline", "rollback"], await Agents(ben));
        Assert.Equal("agent_not_found: There is no agent 'vault'. The agents are calculator, pipeline, rollback.", await Refusal("vault"));
        Assert.Equal("agent_not_found: There is no agent 'nobody'. The agents are calculator, pipeline, rollback.", await Refusal("nobody"));
        Assert.Equal(await Unknown("nobody"), (await Unknown("vault")).Replace("vault", "nobody", StringComparison.Ordinal));
        Assert.Equal(await Unread("nobody"), (await Unread("vault")).Replace("vault", "nobody", StringComparison.Ordinal));
        Assert.DoesNotContain("vault", await GuardedServer.Say(server.As("ben"), "GET", "/api/v1/agents"), StringComparison.Ordinal);
        Assert.DoesNotContain(thread, await GuardedServer.Say(server.As("ben"), "GET", "/api/v1/threads"), StringComparison.Ordinal);
        Assert.Contains(thread, await GuardedServer.Say(server.As("mia"), "GET", "/api/v1/threads"), StringComparison.Ordinal);
        Assert.StartsWith("404 ", await GuardedServer.Say(server.As("ben"), "GET", $"/api/v1/threads/{thread}"), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await GuardedServer.Say(server.As("mia"), "GET", $"/api/v1/threads/{thread}"), StringComparison.Ordinal);

        // As URIs compare, these are the same; a client of the SDK would not even write them so.
        foreach (var spelling in new[] { "AGENT://vault", "agent://VAULT", "agent://vault#x", "agent://x@vault", "agent://vault/" })
        {
            Assert.Equal(await Unread("nobody"), (await Unread(spelling)).Replace(spelling, "agent://nobody", StringComparison.Ordinal));
        }

        Assert.Equal(await NoTemplate("nobody"), (await NoTemplate("vault")).Replace("vault", "nobody", StringComparison.Ordinal));

        async Task<string> Refusal(string agent) => ((TextContentBlock)(await ben.CallToolAsync("invoke_agent",
            new Dictionary<string, object?> { ["agent"] = agent, ["input"] = new { message = "x" } }, cancellationToken: TestContext.Current.CancellationToken)).Content[0]).Text;

        async Task<string> Unknown(string tool) => (await Assert.ThrowsAsync<McpProtocolException>(async () =>
            await ben.CallToolAsync(tool, new Dictionary<string, object?> { ["message"] = "x" }, cancellationToken: TestContext.Current.CancellationToken))).Message;

        async Task<string> Unread(string agent) => (await Assert.ThrowsAsync<McpProtocolException>(async () => await ben.SendRequestAsync(
            new JsonRpcRequest { Method = "resources/read", Params = new JsonObject { ["uri"] = agent.Contains("://", StringComparison.Ordinal) ? agent : $"agent://{agent}" } }, TestContext.Current.CancellationToken))).Message;

        async Task<string> NoTemplate(string agent) => (await Assert.ThrowsAsync<McpProtocolException>(async () => await ben.CompleteAsync(
            new ResourceTemplateReference { Uri = $"agent://{agent}" }, "id", "", cancellationToken: TestContext.Current.CancellationToken))).Message;
    }

    [Fact]
    public async Task Nor_are_they_called_through_an_agent_that_calls_what_its_input_names()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "vault.agent.md"),
            "---\nname: vault\ndescription: An agent of the tests.\nallow: [mia]\ntools: [divide]\n---\nYou are {{agent}}.\n", TestContext.Current.CancellationToken);
        await using var server = await GuardedServer.Start(("agents", folder.Path), ("allow:deploybot", "mia"));
        await server.Key("mia", "run");
        await server.Key("ben", "run");
        await server.Key("ida", "run", agents: "side_by_side");
        await using var ben = await server.Mcp("ben");

        foreach (var calls in new[] { """[{"agent":"AGENT","input":{"message":"x"}}]""", """[{"agent":"calculator","input":{"message":"divide 3 by 4"}},{"agent":"side_by_side","input":{"calls":[{"agent":"AGENT","input":{"message":"x"}}]}}]""" })
        {
            Assert.Equal("agent_not_found: There is no agent 'nobody'. The agents are calculator, pipeline, rollback.", await Told("nobody", calls));
            Assert.Equal("agent_not_found: There is no agent 'vault'. The agents are calculator, pipeline, rollback.", await Told("vault", calls));
            Assert.Equal("agent_not_found: There is no agent 'deploybot'. The agents are calculator, pipeline, rollback.", await Told("deploybot", calls));
            Assert.Equal(await Posted("ben", "nobody", calls), (await Posted("ben", "vault", calls)).Replace("vault", "nobody", StringComparison.Ordinal));
            Assert.StartsWith("404 ", await Posted("ben", "vault", calls), StringComparison.Ordinal);
            Assert.StartsWith("404 ", await Posted("ida", "calculator", calls), StringComparison.Ordinal);
        }

        Assert.Empty(server.Core.Host.List(new(new(null, Others.All))).Rows);
        Assert.StartsWith("201 ", await Posted("mia", "vault", """[{"agent":"AGENT","input":{"message":"x"}}]"""), StringComparison.Ordinal);

        async Task<string> Told(string agent, string calls) => ((TextContentBlock)(await ben.CallToolAsync("invoke_agent",
            new Dictionary<string, object?> { ["agent"] = "side_by_side", ["input"] = JsonElement.Parse(Input(agent, calls)) }, cancellationToken: TestContext.Current.CancellationToken)).Content[0]).Text;

        Task<string> Posted(string who, string agent, string calls) =>
            GuardedServer.Say(server.As(who), "POST", "/api/v1/threads", $$"""{"agent":"side_by_side","input":{{Input(agent, calls)}},"wait_seconds":0}""");

        static string Input(string agent, string calls) => $$"""{"calls":{{calls.Replace("AGENT", agent, StringComparison.Ordinal)}}}""";
    }

    [Fact]
    public async Task Threads_of_an_agent_that_is_there_no_more_are_their_callers_and_the_admins()
    {
        await using var server = await GuardedServer.Start();
        foreach (var (name, roles) in new[] { ("ana", "run"), ("ben", "run"), ("rea", "read"), ("app", "approve"), ("adm", "admin") })
        {
            await server.Key(name, roles);
        }

        var thread = (await server.Asking("ana")).Thread.Id.Value;
        Assert.Equal(["200 listed", "404", "200 listed", "200 listed", "200 listed"], await Seen());

        var core = server.Core;
        core.Catalog.Replace([.. core.Catalog.Every.Where(agent => agent.Name != "calculator")], core.Catalog.Remarks);

        Assert.Equal(["200 listed", "404", "404", "404", "200 listed"], await Seen());

        async Task<List<string>> Seen()
        {
            List<string> seen = [];
            foreach (var name in new[] { "ana", "ben", "rea", "app", "adm" })
            {
                var one = await GuardedServer.Say(server.As(name), "GET", $"/api/v1/threads/{thread}");
                var all = await GuardedServer.Say(server.As(name), "GET", "/api/v1/threads");
                seen.Add(one[..3] + (all.Contains(thread, StringComparison.Ordinal) ? " listed" : ""));
            }

            return seen;
        }
    }

    [Fact]
    public async Task A_name_in_capitals_restricts_as_well_and_one_that_is_no_agent_is_told()
    {
        // As AGENTMCP_ALLOW__DEPLOYBOT gives it.
        await using var server = await GuardedServer.Start(("allow:DEPLOYBOT", "mia"), ("allow:DEPLOYBOTT", "mia"));
        await server.Key("mia", "run");
        await server.Key("ben", "run");
        await using var mia = await server.Mcp("mia");
        await using var ben = await server.Mcp("ben");

        Assert.Equal(["calculator", "deploybot", "pipeline", "rollback"], await Agents(mia));
        Assert.Equal(["calculator", "pipeline", "rollback"], await Agents(ben));
        Assert.Equal(["The setting allow restricts 'DEPLOYBOTT', and there is no such agent. agentmcp agents shows those there are."],
            server.Core.Settings.Access.Mistakes([.. server.Core.Catalog.All.Select(agent => agent.Name)]));
    }

    [Fact]
    public async Task To_all_others_their_prompts_are_prompts_that_nobody_has()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "vault.agent.md"),
            "---\nname: vault\ndescription: An agent of the tests.\nallow: [approve]\ninput: { place: cellar | attic }\ntools: [divide]\n---\nYou are {{agent}}.\n", TestContext.Current.CancellationToken);
        await using var server = await GuardedServer.Start(("agents", folder.Path));
        await server.Key("ann", "run,approve");
        await server.Key("ben", "run");
        await server.Key("cat", "read");
        await using var ann = await server.Mcp("ann");
        await using var ben = await server.Mcp("ben");
        await using var cat = await server.Mcp("cat");

        Assert.Equal(["calculator", "deploybot", "get_thread", "invoke_agent", "pipeline", "resume_thread", "rollback", "vault"], await Prompts(ann));
        Assert.Equal(["calculator", "deploybot", "get_thread", "invoke_agent", "pipeline", "resume_thread", "rollback"], await Prompts(ben));
        Assert.Equal(["get_thread", "invoke_agent", "resume_thread"], await Prompts(cat));
        Assert.Contains("Call the tool vault", (await Got(ann, "vault")), StringComparison.Ordinal);
        Assert.Equal("There is no prompt 'vault'. The prompts are calculator, deploybot, get_thread, invoke_agent, pipeline, resume_thread, rollback.", await NotGot(ben, "vault"));
        Assert.Equal((await NotGot(ben, "nobody")).Replace("nobody", "vault", StringComparison.Ordinal), await NotGot(ben, "vault"));
        Assert.Equal("There is no prompt 'calculator'. The prompts are get_thread, invoke_agent, resume_thread.", await NotGot(cat, "calculator"));
        Assert.Equal(["cellar"], await Offered(ann, "vault", "place", "c"));
        Assert.Equal(["vault"], await Offered(ann, "invoke_agent", "agent", "v"));
        Assert.Empty(await Offered(ben, "invoke_agent", "agent", "v"));
        Assert.StartsWith("There is no prompt 'vault'. ", Told(await Assert.ThrowsAsync<McpProtocolException>(() => Offered(ben, "vault", "place", "c"))), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> Prompts(McpClient client) =>
        (await client.ListPromptsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(prompt => prompt.Name);

    private static async Task<string> Got(McpClient client, string prompt) => ((TextContentBlock)(await client.GetPromptAsync(prompt,
        new Dictionary<string, object?> { ["place"] = "attic" }, cancellationToken: TestContext.Current.CancellationToken)).Messages.Single().Content).Text;

    private static async Task<string> NotGot(McpClient client, string prompt) => Told(await Assert.ThrowsAsync<McpProtocolException>(() => Got(client, prompt)));

    private static async Task<IEnumerable<string>> Offered(McpClient client, string prompt, string argument, string typed) =>
        (await client.CompleteAsync(new PromptReference { Name = prompt }, argument, typed, cancellationToken: TestContext.Current.CancellationToken)).Completion.Values;

    // The client puts words of its own before those of the server.
    private static string Told(McpProtocolException refused) => refused.Message[refused.Message.IndexOf("There is", StringComparison.Ordinal)..];

    private static async Task<IEnumerable<string>> Agents(McpClient client)
    {
        var listed = (await client.CallToolAsync("list_agents", cancellationToken: TestContext.Current.CancellationToken)).StructuredContent!.Value;
        var names = listed.GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("name").GetString()!).ToList();
        var tools = (await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(tool => tool.Name);
        Assert.Equal(names, tools.Where(tool => !tool.Contains('_', StringComparison.Ordinal)));
        var resources = (await client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(resource => resource.Uri)
            .Concat((await client.ListResourceTemplatesAsync(cancellationToken: TestContext.Current.CancellationToken)).Select(template => template.UriTemplate));
        Assert.Equal(names.Select(name => "agent://" + name), resources.Where(uri => uri.StartsWith("agent://", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
        return names;
    }
}
