using System.Globalization;
using Spectre.Console;

namespace AgentMcp.Benchmarks;

/// <summary>
/// W1, one agent call that pauses and the resume_thread that completes it, beside the bare SDK's echo: same transport,
/// same client, same run. Both are counted in tool calls.
/// </summary>
internal static class CallBenchmark
{
    public static async Task<Table> Run(bool overHttp)
    {
        var table = new Table().Title(overHttp ? "W1 over HTTP" : "W1 over stdio")
            .AddColumns("", "concurrency", "tool calls/s", "p50 ms", "p99 ms", "of the echo");
        foreach (var concurrency in new[] { 1, 32 })
        {
            using var scratch = new Scratch();
            var echo = await Measure(Child.Bare(overHttp ? "http" : "stdio"), overHttp, concurrency, client =>
                client.Call("echo", """{"message":"divide 3 by 4"}"""), callsEach: 1);
            var agent = await Measure(Child.AgentMcp(scratch.Database, "rules", overHttp ? ["http", "--port", "0"] : ["stdio"]), overHttp, concurrency, PauseAndResume, callsEach: 2);
            Add(table, "bare SDK echo", concurrency, echo, echo);
            Add(table, "W1 (pause + resume)", concurrency, agent, echo);
        }

        return table;
    }

    private static async Task PauseAndResume(RawClient client)
    {
        var pending = await client.Call("calculator", """{"message":"divide 3 by 4"}""");
        var thread = pending.GetProperty("structuredContent").GetProperty("thread_id").GetString();
        var done = await client.Call("resume_thread", $$"""{"thread_id":"{{thread}}","approved":true}""");
        if (done.GetProperty("structuredContent").GetProperty("status").GetString() != "completed")
        {
            throw new InvalidOperationException(done.GetRawText());
        }
    }

    /// <summary>Calls per second; times are those of one call.</summary>
    private static async Task<Load> Measure(Child child, bool overHttp, int concurrency, Func<RawClient, Task> operation, int callsEach)
    {
        using var server = child;
        using RawClient client = overHttp ? new HttpRawClient(await server.Url()) : new StdioRawClient(server.Process);
        var load = await Load.Run(concurrency, _ => operation(client));
        return new(load.PerSecond * callsEach, load.P50 / callsEach, load.P99 / callsEach);
    }

    private static void Add(Table table, string name, int concurrency, Load load, Load echo) => table.AddRow(
        name, Text(concurrency), Text(load.PerSecond), Text(load.P50), Text(load.P99), (load.PerSecond / echo.PerSecond).ToString("0.00", CultureInfo.InvariantCulture));

    public static string Text(double value) => value.ToString(value >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture);
}
