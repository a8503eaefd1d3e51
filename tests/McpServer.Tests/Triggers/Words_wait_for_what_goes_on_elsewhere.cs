using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Upstream;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Words_wait_for_what_goes_on_elsewhere : IDisposable
{
    private readonly Sender _sender = new();

    public void Dispose() => _sender.Dispose();

    [Fact]
    [Trait("Accepts", "F6.9")]
    public async Task A_word_waits_while_a_task_of_another_server_is_under_way_and_is_not_refused()
    {
        await using var kiln = new Kiln();
        using var office = new Office().With("kiln", new { url = kiln.Url }).Agent("potter", "tools: [kiln.fire]\ngates: { kiln.fire: none }");
        await using var server = await office.Start(Transport.Http, new Dictionary<string, string>().With("ci", "type=webhook", "secret=" + Receiver.Secret, "agent=potter"));
        var ci = new Uri(server.Url!, "/triggers/ci");
        await _sender.Send(ci, "conversation.created", new { user_message = "a vase", conversation_id = "v1" });
        using var database = Database.Open(office.Database);
        var thread = await Found(() => new Places(database).Find("ci", "v1")?.Value);
        await server.Do("wait_thread", new { thread_id = thread });
        await server.Next(thread, new { intent = "kiln.fire" }, seconds: 0);
        await Found(() => Child(server, thread));

        await _sender.Send(ci, "conversation.created", new { user_message = "and hurry", conversation_id = "v1", user = "mia" }, id: "msg_hurry");
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var arrival = await Found(() => Task.FromResult(new Arrivals(database, store).Latest(10).FirstOrDefault(row => row.Id == "msg_hurry" && row.Error is not null)));
        Assert.Equal(("open", $"{thread} is at work"), (arrival.State, arrival.Error));
    }

    private static async Task<object?> Child(RunningServer server, string thread) => await server.Do("get_thread", new { thread_id = thread }) is { Status: "pending", Kind: "child" } ? thread : null;

    private static Task<T> Found<T>(Func<T?> look)
        where T : class => Found(() => Task.FromResult(look()));

    private static async Task<T> Found<T>(Func<Task<T?>> look)
        where T : class
    {
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (await look() is { } found)
            {
                return found;
            }

            await Task.Yield();
        }
    }
}
