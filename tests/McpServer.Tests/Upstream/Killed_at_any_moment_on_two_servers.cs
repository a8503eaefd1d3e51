using AgentMcp.Faults.World;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>
/// Three levels on two servers, each with two processes on its database: chief calls boss, boss calls the worker over
/// there, and the worker stamps. Whatever is killed whenever, one person answers once and one stamp is made.
/// </summary>
public sealed class Killed_at_any_moment_on_two_servers
{
    private const int Kills = 5;

    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "F8.7")]
    [InlineData(7)]
    [InlineData(41)]
    public async Task One_answer_at_the_root_and_every_effect_once(int seed)
    {
        var random = new Random(seed);
        await using var ledger = new Ledger();
        using var there = new Office();
        there.With("ledger", new { url = ledger.Url }).Agent("worker", "tools: [ledger.stamp]\neffects: { ledger.stamp: idempotent }", "\"openai:played\"");
        using var here = new Office();
        here.Agent("chief", "tools: [boss]", "\"openai:played\"").Agent("boss", "tools: [far.worker]\ngates: { far.worker: none }", "\"openai:played\"");
        var model = new Dictionary<string, string> { ["base_url"] = ledger.Model };
        var farPort = Ports.Free();
        var processes = new Dictionary<string, RunningServer>();
        here.With("far", new { url = $"http://127.0.0.1:{farPort}/mcp" });
        foreach (var name in new[] { "there, with the address", "there", "here", "here too" })
        {
            processes[name] = await Start(name);
        }

        var root = (await processes["here"].Do("chief", new { message = "stamp it", wait_seconds = 0 })).ThreadId;
        var (answers, kills, seen) = (0, 0, 0);
        var now = await processes["here"].Do("get_thread", new { thread_id = root });
        while (now.Status is "running" or "pending")
        {
            if (kills < Kills && (now.Version != seen || answers > 0))
            {
                seen = now.Version;
                kills++;
                var name = processes.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(processes.Count));
                await processes[name].Kill();
                await processes[name].DisposeAsync();
                processes[name] = await Start(name);
            }

            now = await processes["here"].Do("wait_thread", new { thread_id = root, wait_seconds = random.NextDouble() });
            if (answers == 0 && now.Json.GetProperty("requests").EnumerateArray().FirstOrDefault(request => request.GetProperty("kind").GetString() == "approval") is { ValueKind: not System.Text.Json.JsonValueKind.Undefined } request)
            {
                Assert.Equal("ledger.stamp", request.GetProperty("action").GetProperty("tool").GetString());
                Assert.Equal(3, request.GetProperty("path").GetArrayLength());
                answers++;
                await processes["here"].Do("resume_thread", new { thread_id = root, request_id = request.GetProperty("id").GetString(), approved = true, wait_seconds = 0 });
            }
        }

        Assert.Equal(("completed", "stamped", 1), (now.Status, now.Message, answers));
        Assert.Single(ledger.Stamps);
        Assert.Equal(["boss", "chief"], await Agents(processes["here"]));
        Assert.Equal(["worker"], await Agents(processes["there"]));
        foreach (var process in processes.Values)
        {
            await process.DisposeAsync();
        }

        Task<RunningServer> Start(string name) => name switch
        {
            "there, with the address" => there.Start(Transport.Http, model, ["--port", $"{farPort}"]),
            "there" => there.Start(Transport.Http, model),
            _ => here.Start(Transport.Http, model),
        };
    }

    private static async Task<IEnumerable<string>> Agents(RunningServer server) =>
        (await server.Ask("list_threads", new { })).GetProperty("threads").EnumerateArray().Select(thread => thread.GetProperty("agent").GetString()!).Order(StringComparer.Ordinal);
}
