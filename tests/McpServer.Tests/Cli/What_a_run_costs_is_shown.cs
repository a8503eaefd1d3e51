using AgentMcp.Server.Tests.Chains;
using AgentMcp.Server.Tests.Inbox;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Cli;

public sealed class What_a_run_costs_is_shown : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Theory]
    [InlineData("""{"models":{"openai:played":{"input":100,"output":500}}}""", "$0.002", "$0.004", "$0.008")]
    [InlineData("""{"models":{}}""", "cost unknown", "cost unknown", "cost unknown")]
    public async Task For_each_step_the_thread_and_all_that_it_called(string prices, string step, string thread, string run)
    {
        var file = Path.Combine(_agentmcp.Folder, "mine.json");
        await File.WriteAllTextAsync(file, prices, TestContext.Current.CancellationToken);
        await using var chain = new Chain();
        await using var server = await chain.Start(Transport.Http, Ways.Newest, more: new() { ["prices"] = file });
        var gate = await server.Do("chief", new { message = "divide 3 by 4" });
        var id = gate.ThreadId;
        var asked = gate.Json.GetProperty("requests")[0].GetProperty("id").GetString();
        var done = await server.Do("resume_thread", new { thread_id = id, request_id = asked, approved = true });
        Assert.Equal("completed", done.Status);

        _agentmcp.Environment["AGENTMCP_DB"] = chain.Database;
        var shown = (await _agentmcp.Run("show", id)).Output.ReplaceLineEndings("\n");
        Assert.Contains($"Chose boss (openai:played)  10 tokens in, 2 out, {step}\n", shown, StringComparison.Ordinal);
        Assert.Contains($"\nUsed: 20 tokens in, 4 out, {thread}\nUsed by the 3 threads of this run: 40 tokens in, 8 out, {run}\n", shown, StringComparison.Ordinal);

        var transcript = Assert.IsType<TextResourceContents>(Assert.Single((await server.Client.ReadResourceAsync($"thread://{id}/transcript", cancellationToken: TestContext.Current.CancellationToken)).Contents)).Text;
        Assert.Contains($"\nUsed: 20 tokens in, 4 out, {thread}\n", transcript, StringComparison.Ordinal);
        Assert.Contains($"Z; 10 tokens in, 2 out, {step})", transcript, StringComparison.Ordinal);

        using var person = await Visitor.SignedIn(server.Url!, chain.Database);
        Assert.Contains($"<dt>Whole run</dt><dd>40 tokens in, 8 out, {run}</dd>", await person.Page($"/threads/{id}"), StringComparison.Ordinal);
        Assert.Contains($"<dt>Cost</dt><dd>{step}</dd>", await person.Page($"/threads/{id}/steps/2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_price_table_that_cannot_be_used_stops_the_start_with_what_one_looks_like()
    {
        _agentmcp.Environment["AGENTMCP_PRICES"] = "/nowhere/prices.json";

        var ran = await _agentmcp.Run("threads");

        Assert.Equal(2, ran.ExitCode);
        Assert.StartsWith("The price table /nowhere/prices.json cannot be read: ", ran.Error, StringComparison.Ordinal);
    }
}
