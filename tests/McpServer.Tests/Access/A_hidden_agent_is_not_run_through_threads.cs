using System.Net;
using AgentMcp.Server.Tests.Inbox;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Access;

/// <summary>Whoever an agent is hidden from may see what it does for another agent, and has it do nothing.</summary>
public sealed class A_hidden_agent_is_not_run_through_threads
{
    [Fact]
    public async Task By_copying_one_that_called_it_when_it_was_there()
    {
        await using var server = await GuardedServer.Start();
        var key = await server.Key("ben", "run");
        var thread = (await server.Settled("ben", "side_by_side", JsonText.Parse("""{"calls":[{"agent":"calculator","input":{"message":"divide 3 by 4"}}]}"""))).Thread.Id;
        Hide(server, "calculator");

        Assert.Contains("There is no agent 'calculator'. The agents are deploybot, pipeline, rollback.",
            await GuardedServer.Say(server.As("ben"), "POST", $"/api/v1/threads/{thread}/fork", """{"at_version":1}"""), StringComparison.Ordinal);
        using var ben = await Visitor.WithKey(server.Url, key);
        using var forked = await ben.Answer($"/threads/{thread}/fork", ("at", "1"));
        Assert.Equal(HttpStatusCode.NotFound, forked.StatusCode);
    }

    [Fact]
    public async Task By_copying_or_speaking_to_one_in_which_another_agent_called_it()
    {
        await using var server = await GuardedServer.Start();
        var key = await server.Key("ben", "run");
        await using var ben = await server.Mcp("ben");
        using var browser = await Visitor.WithKey(server.Url, key);
        var done = await Called(server, "multiply 3 by 4");
        var asking = await Called(server, "divide 3 by 4");
        Hide(server, "calculator");
        var before = server.Happened(done);
        const string NotThere = "There is no agent 'calculator'. The agents are deploybot, pipeline, rollback.";
        const string NothingAsked = "asks nothing that you may answer.";

        Assert.Contains(NotThere, await Posted($"{done}/fork", """{"at_version":1}"""), StringComparison.Ordinal);
        Assert.Equal($"agent_not_found: {NotThere}", await Tool("fork_thread", ("thread_id", $"{done}"), ("at_version", 1)));
        Assert.Contains($"{done} {NothingAsked}", await Posted($"{done}/answer", """{"response":"divide 1 by 2"}"""), StringComparison.Ordinal);
        Assert.Equal($"nothing_pending: {done} {NothingAsked}", await Tool("resume_thread", ("thread_id", $"{done}"), ("response", "divide 1 by 2")));
        using var forked = await browser.Answer($"/threads/{done}/fork", ("at", "1"));
        using var spoken = await browser.Answer($"/threads/{done}/message", ("words", "divide 1 by 2"));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (forked.StatusCode, spoken.StatusCode));
        Assert.Equal(before, server.Happened(done));
        var page = await browser.Page($"/threads/{done}");
        Assert.DoesNotContain("tool-fork", page, StringComparison.Ordinal);
        Assert.DoesNotContain("tool-say ", page, StringComparison.Ordinal);

        // What it asks, the one who called the outer agent is asked.
        Assert.StartsWith("200 ", await Posted($"{asking}/answer", """{"approved":true}"""), StringComparison.Ordinal);
        Assert.Equal(ThreadStatus.Completed, (await server.Core.Host.Wait(asking, "ben", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Thread.Status);

        Task<string> Posted(string what, string body) => GuardedServer.Say(server.As("ben"), "POST", $"/api/v1/threads/{what}", body);

        async Task<string> Tool(string tool, params (string Name, object Value)[] arguments) => ((TextContentBlock)(await ben.CallToolAsync(tool,
            arguments.ToDictionary(argument => argument.Name, argument => (object?)argument.Value), cancellationToken: TestContext.Current.CancellationToken)).Content[0]).Text;
    }

    [Fact]
    public async Task Nor_when_it_is_there_no_more()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ben", "run");
        await server.Key("adm", "admin");
        var done = await Called(server, "multiply 3 by 4");
        var core = server.Core;
        core.Catalog.Replace([.. core.Catalog.Every.Where(agent => agent.Name != "calculator")], core.Catalog.Remarks);
        var before = server.Happened(done);

        Assert.StartsWith("404 ", await Fork("ben"), StringComparison.Ordinal);
        Assert.StartsWith("409 ", await GuardedServer.Say(server.As("ben"), "POST", $"/api/v1/threads/{done}/answer", """{"response":"divide 1 by 2"}"""), StringComparison.Ordinal);
        Assert.Equal(before, server.Happened(done));
        Assert.StartsWith("201 ", await Fork("adm"), StringComparison.Ordinal);

        Task<string> Fork(string who) => GuardedServer.Say(server.As(who), "POST", $"/api/v1/threads/{done}/fork", """{"at_version":1,"wait_seconds":0}""");
    }

    [Fact]
    public async Task What_is_asked_below_it_can_be_answered_through_it()
    {
        using var folder = new TestFolder();
        foreach (var (name, calls) in new[] { ("outer", "middle"), ("middle", "calculator") })
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Path, $"{name}.agent.md"),
                $"---\nname: {name}\ndescription: An agent of the tests.\nmodel: caller\ntools: [{calls}]\n---\nYou are {{{{agent}}}}.\n", TestContext.Current.CancellationToken);
        }

        await using var server = await GuardedServer.Start(("agents", folder.Path));
        await server.Key("ben", "run");
        var outer = (await server.Settled("ben", "outer", JsonText.Parse("""{"message":"go"}"""))).Thread.Id;
        await Answer(outer, """{"response":{"intent":"middle","message":"go"}}""");
        await Answer(outer, """{"response":{"intent":"calculator","message":"divide 3 by 4"}}""");
        Hide(server, "middle");
        var middle = ThreadId.Parse(server.Core.Host.List(new(new(null, Others.All))).Rows.Single(row => row.Agent == "middle").ThreadId);

        Assert.StartsWith("200 ", await Answer(middle, """{"approved":true}"""), StringComparison.Ordinal);
        var asking = Assert.Single((await server.Core.Host.Wait(middle, "ben", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Thread.OpenRequests);
        Assert.Equal(RequestKind.NextStep, asking.Asked.Kind);

        Task<string> Answer(ThreadId thread, string said) => GuardedServer.Say(server.As("ben"), "POST", $"/api/v1/threads/{thread}/answer", said);
    }

    /// <summary>A thread of the calculator, in which <c>side_by_side</c> called it for ben.</summary>
    private static async Task<ThreadId> Called(GuardedServer server, string message)
    {
        var outer = (await server.Settled("ben", "side_by_side", JsonText.Parse($$$"""{"calls":[{"agent":"calculator","input":{"message":"{{{message}}}"}}]}"""))).Thread.Id;
        return ThreadId.Parse(server.Core.Host.List(new(new(null, Others.All))).Rows.Single(row => row.ParentId == outer.Value).ThreadId);
    }

    private static void Hide(GuardedServer server, string agent)
    {
        var catalog = server.Core.Catalog;
        catalog.Replace([.. catalog.Every.Select(one => one.Name == agent ? one with { Allow = ["mia"] } : one)], catalog.Remarks);
    }
}
