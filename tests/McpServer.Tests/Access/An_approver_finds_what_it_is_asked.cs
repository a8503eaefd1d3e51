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
}
