using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Spectre.Console;

namespace AgentMcp.Benchmarks;

/// <summary>What a step costs: many short threads at once (W2), and one thread that gets long.</summary>
internal static class StepBenchmark
{
    public static async Task<Table> Steps()
    {
        var table = new Table().Title("W2: threads of 10 tool steps, in process").AddColumns("the model answers", "concurrency", "steps/s", "threads/s", "p50 ms a thread", "p99 ms a thread");
        foreach (var (later, concurrency) in new[] { (false, 1), (false, 16), (false, 32), (true, 1), (true, 16), (true, 32) })
        {
            using var agents = new InProcess(later);
            var load = await Load.Run(concurrency, times => times.Of(() => agents.Count(10)));
            table.AddRow(later ? "later" : "at once", CallBenchmark.Text(concurrency), CallBenchmark.Text(load.PerSecond * 10), CallBenchmark.Text(load.PerSecond), CallBenchmark.Text(load.P50), CallBenchmark.Text(load.P99));
        }

        return table;
    }

    public static async Task<Table> Length()
    {
        var table = new Table().Title("One thread of N steps, in process").AddColumns("the model", "steps", "µs a step", "of 10 steps", "bytes a step stored");
        foreach (var reads in new[] { false, true })
        {
            double? first = null;
            foreach (var steps in new[] { 10, 100, 1000 })
            {
                using var agents = new InProcess(reads: reads);
                var cost = await Cost(agents, steps);
                first ??= cost;
                table.AddRow(reads ? "reads its prompt" : "reads the state", CallBenchmark.Text(steps), CallBenchmark.Text(cost), (cost / first.Value).ToString("0.00"), CallBenchmark.Text(Stored(agents)));
            }
        }

        return table;
    }

    // The median of five rounds of 1,000 steps, in microseconds a step.
    private static async Task<double> Cost(InProcess agents, int steps)
    {
        const int Rounds = 5;
        for (var i = 0; i < 2000 / steps; i++)
        {
            await agents.Count(steps);
        }

        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < 1000 / steps; i++)
            {
                await agents.Count(steps);
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / (1000 / steps * steps));
        }

        times.Sort();
        return times[Rounds / 2];
    }

    // All rows of the events table with their keys, over all steps taken.
    private static double Stored(InProcess agents)
    {
        using SqliteConnection connection = agents.Database.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sum(length(CAST(data AS BLOB)) + length(thread_id) + 10) * 1.0 / sum(type = 'step_chosen') FROM events";
        return (double)command.ExecuteScalar()!;
    }
}
