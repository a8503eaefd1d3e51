using System.Diagnostics;

namespace AgentMcp.Benchmarks;

/// <summary>Runs an operation from several loops for a while and says how often and how fast. Warmed up first.</summary>
internal sealed record Load(double PerSecond, double P50, double P99)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    public static async Task<Load> Run(int concurrency, Func<int, Task> operation)
    {
        await For(WarmUp, concurrency, operation);
        var clock = Stopwatch.StartNew();
        var times = await For(Measured, concurrency, operation);
        var seconds = clock.Elapsed.TotalSeconds;
        times.Sort();
        return new(times.Count / seconds, At(times, 0.50), At(times, 0.99));
    }

    public static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

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
