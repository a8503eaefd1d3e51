using System.Net;
using System.Text.Json;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Upstream;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Messages_outlast_an_outage : IDisposable
{
    private readonly Sender _sender = new();
    private readonly TestFolder _folder = new();

    public void Dispose()
    {
        _sender.Dispose();
        _folder.Dispose();
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task What_was_taken_while_a_server_of_its_agent_was_away_starts_its_thread_once_that_is_back()
    {
        var url = new Uri(await Away());
        var file = Path.Combine(_folder.Path, "mcp.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { mcpServers = new { ledger = new { url } } }), TestContext.Current.CancellationToken);
        await using var bench = await Bench.Start(
            new Dictionary<string, string> { ["mcp"] = file }.With("ci", "type=webhook", "secret=" + Receiver.Secret, "agent=puppet"), tools: "ledger.stamp, done_for_now");
        var message = new { user_message = "stamp it", conversation_id = "o1" };
        Assert.Equal((HttpStatusCode.OK, "accepted"), await _sender.Send(bench.Url("/triggers/ci"), "conversation.created", message, id: "msg_outage") is var said ? (said.Status, said.Code) : default);
        Assert.StartsWith("open: puppet cannot start without its tools: the MCP server 'ledger' cannot be reached",
            (string)await bench.Found("SELECT state || ': ' || error FROM arrivals WHERE error IS NOT NULL"));

        await using var back = new Ledger(url.Port);

        Assert.Equal("next_step", (await bench.Stands("ci", "o1", "pending")).Kind);
        Assert.Equal("duplicate", (await _sender.Send(bench.Url("/triggers/ci"), "conversation.created", message, id: "msg_outage")).Code);
        Assert.Equal((1L, "done"), (bench.Scalar("SELECT count(*) FROM threads"), bench.Scalar("SELECT state FROM arrivals")));
    }

    // An address at which nobody listens, and somebody may again.
    private static async Task<string> Away()
    {
        await using var ledger = new Ledger();
        return ledger.Url;
    }
}
