using System.Diagnostics;
using Spectre.Console;

namespace AgentMcp.Benchmarks;

/// <summary>
/// Hours in minutes: a server at 70 % of what it can do, whose clients are cut off in the middle of calls and whose
/// neighbours on the same database are killed. What it holds and how long it takes must not grow. That a machine gets slower
/// meanwhile is seen from the bare SDK's echo, which is asked all the while.
/// </summary>
internal static class SoakBenchmark
{
    private const int Loops = 8;
    private const int Rows = 10;

    public static TimeSpan Lasting { get; set; } = TimeSpan.FromMinutes(30);

    public static async Task<Table> Run()
    {
        var table = new Table().Title($"Soak: {Lasting.TotalMinutes:0.#} minutes at 70 % load, clients killed at random")
            .AddColumns("minute", "calls/s", "p50 ms", "p99 ms", "echo p50 ms", "echo p99 ms", "working set MB", "handles", "OS threads", "cut off", "killed");
        using var scratch = new Scratch();
        using var server = Child.AgentMcp(scratch.Database, "rules", "http", "--port", "0");
        using var bare = await Served.By(Child.Echo("http"), overHttp: true);
        var url = await server.Url();
        using var client = new HttpRawClient(url);
        var most = await Load.Run(Loops, times => CallBenchmark.PauseAndResume(client, times));
        await Load.Run(Loops, times => CallBenchmark.Echo(bare.Client, times));
        var soak = new Soak(client, bare.Client, url, scratch.Database, TimeSpan.FromSeconds(Loops / (most.PerSecond / 2 * 0.7)));
        using var end = new CancellationTokenSource(Lasting);
        var work = soak.Run(end.Token);
        for (var row = 1; row <= Rows; row++)
        {
            var clock = Stopwatch.GetTimestamp();
            await Task.WhenAny(work, Task.Delay(Lasting / Rows));
            var (times, echoes, cut, killed) = soak.Taken();
            server.Process.Refresh();
            table.AddRow($"{Lasting.TotalMinutes / Rows * row:0.0}", CallBenchmark.Text(times.Count / Stopwatch.GetElapsedTime(clock).TotalSeconds),
                CallBenchmark.Text(Load.At(times, 0.5)), CallBenchmark.Text(Load.At(times, 0.99)),
                CallBenchmark.Text(Load.At(echoes, 0.5)), CallBenchmark.Text(Load.At(echoes, 0.99)), CallBenchmark.Text(server.Process.WorkingSet64 / 1048576.0),
                $"{Directory.GetFileSystemEntries($"/proc/{server.Process.Id}/fd").Length}", $"{server.Process.Threads.Count}", $"{cut}", $"{killed}");
        }

        await work;
        return table;
    }

    private sealed class Soak(RawClient client, RawClient bare, Uri url, string database, TimeSpan pace)
    {
        private static readonly TimeSpan EchoPace = TimeSpan.FromMilliseconds(20);
        private readonly Times _times = new();
        private readonly Times _echoes = new();
        private int _cut;
        private int _killed;

        public Task Run(CancellationToken end) => Task.WhenAll([.. Enumerable.Range(0, Loops).Select(_ => Work(() => CallBenchmark.PauseAndResume(client, _times), pace, end)),
            Work(() => CallBenchmark.Echo(bare, _echoes), EchoPace, end), CutOff(end), Kill(end)]);

        public (List<double> Times, List<double> Echoes, int Cut, int Killed) Taken() =>
            (_times.Take(), _echoes.Take(), Interlocked.Exchange(ref _cut, 0), Interlocked.Exchange(ref _killed, 0));

        private static async Task Work(Func<Task> call, TimeSpan pace, CancellationToken end)
        {
            await Task.Yield();
            while (!end.IsCancellationRequested)
            {
                var start = Stopwatch.GetTimestamp();
                await call();
                var left = pace - Stopwatch.GetElapsedTime(start);
                await Pause(left > TimeSpan.Zero ? left : TimeSpan.Zero, end);
            }
        }

        // Connections that are dropped while their call runs or waits.
        private async Task CutOff(CancellationToken end)
        {
            var random = new Random(7);
            while (!end.IsCancellationRequested)
            {
                using (var other = new HttpRawClient(url))
                {
                    var calls = Enumerable.Range(0, 4).Select(_ => other.Call("calculator", """{"message":"divide 3 by 4"}""")).ToList();
                    await Pause(TimeSpan.FromMilliseconds(random.Next(20)), CancellationToken.None);
                    other.Dispose();
                    await Task.WhenAll(calls).ContinueWith(_ => { }, TaskScheduler.Default);
                }

                Interlocked.Add(ref _cut, 4);
                await Pause(TimeSpan.FromMilliseconds(random.Next(1000)), end);
            }
        }

        // Hosts with a server of their own on the same database, killed with calls in flight.
        private async Task Kill(CancellationToken end)
        {
            var random = new Random(11);
            while (!end.IsCancellationRequested)
            {
                using var host = Child.AgentMcp(database, "rules", "stdio");
                var other = new StdioRawClient(host.Process);
                await other.Call("calculator", """{"message":"divide 3 by 4"}""");
                _ = Enumerable.Range(0, 8).Select(_ => other.Call("calculator", """{"message":"divide 3 by 4"}""")).ToList();
                await Pause(TimeSpan.FromMilliseconds(random.Next(30)), CancellationToken.None);
                host.Process.Kill();
                Interlocked.Increment(ref _killed);
                await Pause(TimeSpan.FromSeconds(2 + random.Next(6)), end);
            }
        }

        private static Task Pause(TimeSpan time, CancellationToken end) => Task.Delay(time, end).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
