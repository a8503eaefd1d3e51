using System.Net;
using AgentMcp.Server.Tests.Inbox;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Tests.Access;

public sealed class An_approver_finds_what_it_is_asked
{
    [Theory]
    [InlineData("to be answered elsewhere only")]
    [InlineData("a workflow that asks one, and was answered by another")]
    public async Task On_the_pages_of_the_inbox_while_others_are_asked_too(string others)
    {
        await using var server = await GuardedServer.Start(("approvals", "human"));
        using var owner = new Owner(server.Core.Database);
        using var store = new ThreadStore(server.Core.Database, owner);
        var hidden = What_is_listed_is_what_is_seen.LogOf(others);
        await store.Start(hidden, idempotencyKey: null, takeLease: false);
        var asked = await server.Asking("ana");
        var request = $"/requests/{asked.Thread.OpenRequests[0].Id.In(asked.Thread.Id)}";
        using var dave = Visitor.Stranger(server.Url);
        using var entered = await dave.Post("/sign-in", ("key", await server.Key("dave", "approve")));

        Assert.Contains(request, await dave.Page("/"), StringComparison.Ordinal);
        Assert.DoesNotContain(hidden.Thread.Id.Value, await dave.Page("/threads"), StringComparison.Ordinal);
        using var answered = await dave.Answer(request, ("do", "approve"));
        Assert.Contains("Nothing else waits: back to the list", await dave.Page(request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task And_of_the_same_run_no_thread_that_asks_others()
    {
        await using var server = await GuardedServer.Start();
        var run = new A_run_of_three();
        await run.Store(server.Core.Database);
        using var dave = await Visitor.WithKey(server.Url, await server.Key("dave", "approve"));
        using var bob = await Visitor.WithKey(server.Url, await server.Key("bob", "approve"));

        var (whatDaveSees, whatBobSees) = (await dave.Page($"/threads/{run.Asking}"), await bob.Page($"/threads/{run.Asking}"));

        Assert.Contains($"/threads/{run.Caller}", whatDaveSees, StringComparison.Ordinal);
        Assert.DoesNotContain("rollback", whatDaveSees, StringComparison.Ordinal);
        Assert.Contains("<dt>2 threads of this run</dt><dd>30 tokens in", whatDaveSees, StringComparison.Ordinal);
        Assert.Contains($"/threads/{run.Other}", whatBobSees, StringComparison.Ordinal);
        Assert.Contains("<dt>Whole run</dt><dd>40 tokens in", whatBobSees, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task And_nothing_of_a_run_that_an_agent_for_others_began()
    {
        await using var server = await GuardedServer.Start(("allow:pipeline", "bob"));
        var run = new A_run_of_three();
        await run.Store(server.Core.Database);
        using var dave = await Visitor.WithKey(server.Url, await server.Key("dave", "approve"));
        using var bob = await Visitor.WithKey(server.Url, await server.Key("bob", "approve"));

        using var notDaves = await dave.Get(run.Request);
        var whatDaveSees = await notDaves.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, notDaves.StatusCode);
        Assert.DoesNotContain(run.Caller.Value, whatDaveSees, StringComparison.Ordinal);
        Assert.DoesNotContain("pipeline", whatDaveSees, StringComparison.Ordinal);
        Assert.Equal([$"/threads/{run.Caller} pipeline", $"/threads/{run.Asking} calculator"], A_run_of_three.ChainOn(await bob.Page(run.Request)));
    }
}
