using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AgentMcp.Benchmarks;

/// <summary>
/// W1, one agent call that pauses and the resume_thread that completes it, beside the bare SDK's echo and beside the bare SDK
/// with tools that only store and say the same (<see cref="FloorTool"/>): same transport, same client, same run. All are
/// counted in tool calls.
/// </summary>
internal static class CallBenchmark
{
    public static async Task<Table> Run(bool overHttp)
    {
        var transport = overHttp ? "http" : "stdio";
        var table = new Table().Title(overHttp ? "W1 over HTTP" : "W1 over stdio")
            .AddColumns("", "concurrency", "tool calls/s", "p50 ms", "p99 ms", "processor µs a call", "of the echo");
        foreach (var concurrency in new[] { 1, 32 })
        {
            using var scratch = new Scratch();
            using var below = new Scratch();
            using var bare = await Served.By(Child.Echo(transport), overHttp);
            using var ours = await Served.By(Child.AgentMcp(scratch.Database, "rules", overHttp ? ["http", "--port", "0"] : ["stdio"]), overHttp);
            using var floor = await Served.By(Child.Floor(below.Database, transport, await PauseAndResume(ours.Client, new())), overHttp);
            var loads = await Load.SideBySide(concurrency,
                (bare.Process, times => Echo(bare.Client, times)),
                (floor.Process, times => PauseAndResume(floor.Client, times)),
                (ours.Process, times => PauseAndResume(ours.Client, times)));
            Add(table, "bare SDK echo", concurrency, loads[0], loads[0]);
            Add(table, "bare SDK, stored", concurrency, loads[1], loads[0]);
            Add(table, "W1 (pause + resume)", concurrency, loads[2], loads[0]);
        }

        return table;
    }

    public static Task Echo(RawClient client, Times times) => times.Of(() => client.Call("echo", """{"message":"divide 3 by 4"}"""));

    /// <returns>What was said to the one call and to the other.</returns>
    public static async Task<(JsonElement Pending, JsonElement Done)> PauseAndResume(RawClient client, Times times)
    {
        var pending = await times.Of(() => client.Call("calculator", """{"message":"divide 3 by 4"}"""));
        var thread = pending.GetProperty("structuredContent").GetProperty("thread_id").GetString();
        var done = await times.Of(() => client.Call("resume_thread", $$"""{"thread_id":"{{thread}}","approved":true}"""));
        return done.GetProperty("structuredContent").GetProperty("status").GetString() == "completed"
            ? (pending, done)
            : throw new InvalidOperationException(done.GetRawText());
    }

    private static void Add(Table table, string name, int concurrency, Load load, Load echo) => table.AddRow(
        name, Text(concurrency), Text(load.PerSecond), Text(load.P50), Text(load.P99), Text(load.Busy), (load.PerSecond / echo.PerSecond).ToString("0.00", CultureInfo.InvariantCulture));

    public static string Text(double value) => value.ToString(value >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture);
}

/// <summary>A server and the client that calls it.</summary>
internal sealed class Served(Child server, RawClient client) : IDisposable
{
    public System.Diagnostics.Process Process => server.Process;

    public RawClient Client => client;

    public static async Task<Served> By(Child server, bool overHttp) =>
        new(server, overHttp ? new HttpRawClient(await server.Url()) : new StdioRawClient(server.Process));

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }
}
