using System.Diagnostics;

namespace AgentMcp.Benchmarks;

/// <summary>Runs an operation from several loops for a while and says how often and how fast. Warmed up first.</summary>
/// <param name="Busy">Processor time of the measured process for one operation, in µs; of this process where there is no other.</param>
internal sealed record Load(double PerSecond, double P50, double P99, double Busy)
{
    private const int Slices = 5;

    public static TimeSpan WarmUp { get; set; } = TimeSpan.FromSeconds(25);

    public static TimeSpan Measured { get; set; } = TimeSpan.FromSeconds(5);

    public static async Task<Load> Run(int concurrency, Func<int, Task> operation) =>
        (await SideBySide(concurrency, (Process.GetCurrentProcess(), operation)))[0];

    /// <summary>Several of them in turns, a slice of time each, so that what else the machine does is borne by all alike.</summary>
    public static async Task<IReadOnlyList<Load>> SideBySide(int concurrency, params (Process Process, Func<int, Task> Operation)[] all)
    {
        var times = Array.ConvertAll(all, _ => new List<double>());
        var (seconds, busy) = (new double[all.Length], new double[all.Length]);
        foreach (var (_, operation) in all)
        {
            await For(WarmUp, concurrency, operation);
        }

        for (var slice = 0; slice < Slices; slice++)
        {
            for (var i = 0; i < all.Length; i++)
            {
                var (clock, before) = (Stopwatch.GetTimestamp(), BusyOf(all[i].Process));
                times[i].AddRange(await For(Measured / Slices, concurrency, all[i].Operation));
                busy[i] += (BusyOf(all[i].Process) - before).TotalMicroseconds;
                seconds[i] += Stopwatch.GetElapsedTime(clock).TotalSeconds;
            }
        }

        return [.. times.Select((one, i) => Of(one, seconds[i], busy[i]))];
    }

    public static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    private static Load Of(List<double> times, double seconds, double busy)
    {
        times.Sort();
        return new(times.Count / seconds, At(times, 0.50), At(times, 0.99), busy / times.Count);
    }

    private static TimeSpan BusyOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static async Task<List<double>> For(TimeSpan duration, int concurrency, Func<int, Task> operation)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var loops = Enumerable.Range(0, concurrency).Select(loop => Task.Run(async () =>
        {
            var times = new List<double>();
            while (Stopwatch.GetTimestamp() < end)
            {
                var start = Stopwatch.GetTimestamp();
                await operation(loop);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return times;
        }));
        return [.. (await Task.WhenAll(loops)).SelectMany(times => times)];
    }
}
