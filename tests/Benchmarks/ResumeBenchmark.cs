using System.Diagnostics;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Spectre.Console;

namespace AgentMcp.Benchmarks;

/// <summary>Reading a thread and going on with it, in a database of few and of many others.</summary>
internal static class ResumeBenchmark
{
    public static async Task<Table> Run()
    {
        var table = new Table().Title("Resume (answer, run, complete) over stdio").AddColumns("threads in the database", "p50 ms", "p99 ms", "of the smallest");
        double? first = null;
        foreach (var threads in new[] { 100, 10_000, 100_000 })
        {
            using var scratch = new Scratch();
            await Fill(scratch.Database, threads);
            using var server = Child.AgentMcp(scratch.Database, "rules", "stdio");
            using var client = new StdioRawClient(server.Process);
            var times = new List<double>();
            for (var i = 0; i < 600; i++)
            {
                var pending = await client.Call("calculator", """{"message":"divide 3 by 4"}""");
                var thread = pending.GetProperty("structuredContent").GetProperty("thread_id").GetString();
                var start = Stopwatch.GetTimestamp();
                await client.Call("resume_thread", $$"""{"thread_id":"{{thread}}","approved":true}""");
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            // The first are spent on compiling.
            var warm = times[300..];
            warm.Sort();
            first ??= Load.At(warm, 0.5);
            table.AddRow(threads.ToString("N0"), CallBenchmark.Text(Load.At(warm, 0.5)), CallBenchmark.Text(Load.At(warm, 0.99)), (Load.At(warm, 0.5) / first.Value).ToString("0.00"));
        }

        return table;
    }

    /// <summary>Threads that wait for an approval, as a server would have left them.</summary>
    public static async Task Fill(string path, int threads)
    {
        var database = Database.Open(path);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var start = DateTimeOffset.UtcNow.AddDays(-30);
        foreach (var chunk in Enumerable.Range(0, threads).Chunk(5000))
        {
            await Task.WhenAll(chunk.Select(async i =>
            {
                var at = start.AddSeconds(i);
                var id = ThreadId.New(at);
                var started = new ThreadStarted(at, "calculator", "sha256:none", JsonText.Parse("""{"message":"divide 3 by 4"}"""), "local", "bench", "message_received");
                await store.Start(id, started, null, takeLease: false);
                var arguments = JsonText.Parse("""{"a":3,"b":4}""");
                await store.Append(ThreadLog.Of(id, [started]),
                    [new StepChosen(at, "divide", arguments, "rules"), new RequestOpened(at, RequestKind.Approval, "Run divide with a 3, b 4?", Action: ActionDigest.Bind("divide", arguments))]);
            }));
        }
    }
}
