using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

/// <summary>The protocol wants each value of a call greater than the one before, also where a thread below asks, which has fewer events than all together.</summary>
public sealed class Progress_only_grows(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "W.6")]
    public async Task While_a_thread_below_asks_and_after_it_was_answered()
    {
        using var folder = new TestFolder();
        await using var client = new RawStdio(folder.Database, servers.Settings);
        var (done, asks) = (servers.Model.Hold(), servers.Model.Hold());
        await client.Initialize("""{"elicitation":{"form":{}}}""");
        var calls = new[] { done.Word, asks.Word }.Select(word => new { agent = "slow", input = new { message = word } });
        await client.Send(JsonSerializer.Serialize(new
        {
            jsonrpc = "2.0",
            id = "call",
            method = "tools/call",
            @params = new { name = "invoke_agent", arguments = new { agent = "side_by_side", input = new { calls } }, _meta = new { progressToken = "p" } },
        }));
        await Task.WhenAll(done.Asked, asks.Asked);
        List<double> told = [];
        string? form = null;
        var filled = 0;

        done.Finish();
        for (var line = await Next(); !IsOf(line, "call"); line = await Next())
        {
            if (line.TryGetProperty("method", out var method) && method.GetString() == "elicitation/create")
            {
                form = line.GetProperty("id").GetString();
            }
            else if (method.ValueKind == JsonValueKind.String && method.GetString() == "notifications/progress")
            {
                told.Add(line.GetProperty("params").GetProperty("progress").GetDouble());
                if (told[^1] > 4)
                {
                    // What was counted so far is more than the thread that asks will have events.
                    asks.Release(new { intent = "divide", a = 3, b = 4 });
                }

                // The model says the same again: the second form is closed.
                if (line.GetProperty("params").GetProperty("message").GetString()!.EndsWith("waits for a person", StringComparison.Ordinal))
                {
                    await client.Send(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = form, result = new { action = filled++ == 0 ? "accept" : "decline", content = new { approve = true } } }));
                }
            }
        }

        Assert.Equal(2, filled);
        Assert.Equal(told.Order().Distinct(), told);

        async Task<JsonElement> Next() => JsonElement.Parse((await client.Process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
    }

    private static bool IsOf(JsonElement line, string id) => line.TryGetProperty("id", out var found) && found.ToString() == id;
}
