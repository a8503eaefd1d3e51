using System.Diagnostics;
using System.Globalization;

namespace AgentMcp.Faults.Sweep;

/// <summary><c>--kills N [--seed N] [--slots N] [--at-once N]</c>: the sweep by hand, and its tables.</summary>
internal static class SweepCommand
{
    public static async Task<int> Run(string[] args)
    {
        var seed = Number(args, "--seed") ?? Random.Shared.Next();
        var right = await Run(new(Number(args, "--kills") ?? 1000, seed, Number(args, "--slots") ?? 5, Number(args, "--at-once") ?? 16), Console.Out);
        return right ? 0 : 1;
    }

    /// <returns>Whether everything was as it must be, and enough of it was tried.</returns>
    public static async Task<bool> Run(SweepOptions options, TextWriter output)
    {
        await output.WriteLineAsync($"{options.Kills} kills, seed {options.Seed}, {options.Slots} processes on one database, {options.AtOnce} clients\n");
        // On a busy machine the pool grows by nothing, and a check holds its thread.
        ThreadPool.SetMinThreads(64, 64);
        var since = Stopwatch.GetTimestamp();
        await using var sweep = new KillSweep(options);
        try
        {
            await sweep.Run();
        }
        catch (OperationCanceledException)
        {
            await output.WriteLineAsync("Stopped: nothing moved any more.\n");
        }

        sweep.Tally.Print(output);
        await output.WriteLineAsync(FormattableString.Invariant($"{sweep.Tally.Of(Toll.Kills)} kills, {sweep.Violations.Count} violations, seed {options.Seed}, {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s"));
        if (!sweep.Violations.IsEmpty)
        {
            sweep.Keep = true;
            await Show(sweep, options, output);
            return false;
        }

        List<string> missing = [.. Least.Missing(sweep.Tally, options.Kills)];
        missing.ForEach(what => output.WriteLine($"TOO LITTLE {what}"));
        return missing.Count == 0;
    }

    private static async Task Show(KillSweep sweep, SweepOptions options, TextWriter output)
    {
        await File.WriteAllLinesAsync(Path.Combine(sweep.World.Home, "schedule.txt"), sweep.Schedule);
        await output.WriteLineAsync($"\nReplay: dotnet run -c Release --project tests/Faults -- --kills {options.Kills} --seed {options.Seed} --slots {options.Slots} --at-once {options.AtOnce}");
        await output.WriteLineAsync($"Kept: {sweep.World.Home} (threads.db, schedule.txt)\n");
        foreach (var what in sweep.Violations.Take(10))
        {
            await output.WriteLineAsync($"VIOLATION {what}");
            if (what.StartsWith("thr_", StringComparison.Ordinal))
            {
                foreach (var happened in sweep.Archive.Log(what[..36]))
                {
                    await output.WriteLineAsync($"    {happened}");
                }
            }
        }

        await output.WriteLineAsync("\nThe schedule's last lines:");
        foreach (var line in sweep.Schedule.TakeLast(60))
        {
            await output.WriteLineAsync(line);
        }
    }

    private static int? Number(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
}
