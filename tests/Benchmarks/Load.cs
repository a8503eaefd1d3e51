using System.Collections.Concurrent;
using System.Diagnostics;

namespace AgentMcp.Benchmarks;

/// <summary>How long each of many calls took. Thread-safe.</summary>
internal sealed class Times
{
    private readonly ConcurrentQueue<double> _milliseconds = new();

    public async Task<T> Of<T>(Func<Task<T>> call)
    {
        var start = Stopwatch.GetTimestamp();
        var result = await call();
        _milliseconds.Enqueue(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return result;
    }

    public Task Of(Func<Task> call) => Of(async () =>
    {
        await call();
        return true;
    });

    /// <summary>Those since the last time this was asked, the shortest first.</summary>
    public List<double> Take()
    {
        var times = new List<double>();
        while (_milliseconds.TryDequeue(out var time))
        {
            times.Add(time);
        }

        times.Sort();
        return times;
    }
}

/// <summary>Runs an operation from several loops for a while and says how often and how fast what it times is done. Warmed up first.</summary>
/// <param name="Busy">Processor time of the measured process for one of these, in µs; of this process where there is no other.</param>
internal sealed record Load(double PerSecond, double P50, double P99, double Busy)
{
    private const int Slices = 5;

    public static TimeSpan WarmUp { get; set; } = TimeSpan.FromSeconds(25);

    public static TimeSpan Measured { get; set; } = TimeSpan.FromSeconds(5);

    public static async Task<Load> Run(int concurrency, Func<Times, Task> operation) =>
        (await SideBySide(concurrency, (Process.GetCurrentProcess(), operation)))[0];

    /// <summary>Several of them in turns, a slice of time each, so that what else the machine does is borne by all alike.</summary>
    public static async Task<IReadOnlyList<Load>> SideBySide(int concurrency, params (Process Process, Func<Times, Task> Operation)[] all)
    {
        var times = Array.ConvertAll(all, _ => new Times());
        var (seconds, busy) = (new double[all.Length], new double[all.Length]);
        foreach (var (_, operation) in all)
        {
            await For(WarmUp, concurrency, operation, new());
        }

        for (var slice = 0; slice < Slices; slice++)
        {
            for (var i = 0; i < all.Length; i++)
            {
                var (clock, before) = (Stopwatch.GetTimestamp(), BusyOf(all[i].Process));
                await For(Measured / Slices, concurrency, all[i].Operation, times[i]);
                busy[i] += (BusyOf(all[i].Process) - before).TotalMicroseconds;
                seconds[i] += Stopwatch.GetElapsedTime(clock).TotalSeconds;
            }
        }

        return [.. times.Select((one, i) => Of(one.Take(), seconds[i], busy[i]))];
    }

    public static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    private static Load Of(List<double> times, double seconds, double busy) =>
        new(times.Count / seconds, At(times, 0.50), At(times, 0.99), busy / times.Count);

    private static TimeSpan BusyOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static async Task For(TimeSpan duration, int concurrency, Func<Times, Task> operation, Times times)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetTimestamp() < end)
            {
                await operation(times);
            }
        })));
    }
}
