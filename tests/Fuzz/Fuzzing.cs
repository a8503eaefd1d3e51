using System.Diagnostics;
using CsCheck;

namespace AgentMcp.Fuzz;

/// <summary>Puts inputs through one door, one after the other, and keeps what came of them.</summary>
internal static class Fuzzing
{
    private const int MostFailures = 25;

    /// <summary>Of the processor's time, since a machine may be busy with something else.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(20);

    /// <summary>Beyond what caches fill up to.</summary>
    private const long MostGrowth = 64 << 20;
    private const int MostHandles = 24;

    /// <summary>Fewer inputs only fill caches, which hold no handles.</summary>
    private const int Filling = 1000;

    /// <param name="stream">Tells the draws of one target from those of another.</param>
    /// <param name="from">The first input, to begin where something was found.</param>
    public static async Task<Report> Run(Target target, int inputs, ulong seed, uint stream, int from = 0)
    {
        var report = new Report(target.Name, seed);
        Use? before = null;
        var watch = new Stopwatch();
        var earlier = "";
        for (var i = from; i < from + inputs && report.Failures.Count < MostFailures; i++)
        {
            // What is cached is cached by now. The buffers of a process of its own take a while to be as many as they get.
            if (i - from == inputs / 2)
            {
                before = Use.Of(target.Behind);
            }

            // Every input has a draw of its own, so that one can be had again without those before it.
            var attempt = target.Attempts.Generate(new PCG(stream + 1, seed + ((ulong)i * 1_000_003)), null, out _);
            var processor = target.Processor;
            watch.Restart();
            string? problem = null;
            try
            {
                report.Count(await Task.Run(attempt.Make).WaitAsync(Hangs).ConfigureAwait(false));
            }
            catch (UnclearException e)
            {
                problem = e.Message;
            }
            catch (TimeoutException)
            {
                // What hangs cannot be stopped, and what comes after it would say nothing.
                report.Failures.Add($"{target.Name} #{i}: no answer within {Hangs.TotalSeconds:0} s\n      input: {Report.Short(attempt.Shown, 2000)}");
                break;
            }
            catch (Exception e)
            {
                problem = Report.Short(e.ToString(), 1500);
            }

            var took = watch.Elapsed;
            if (took > Slow && !target.HasEnded && target.Processor - processor is var busy && busy > Slow)
            {
                problem ??= $"it took {busy.TotalSeconds:0.0} s of the processor's time";
            }

            report.Took(took, attempt.Shown);
            if (problem is not null)
            {
                // An answer over pipes may come late.
                report.Failures.Add($"{target.Name} #{i}: {problem}\n      input: {Report.Short(attempt.Shown, 400)}\n      before: {Report.Short(earlier, 400)}");
            }

            earlier = attempt.Shown;
            if (target.HasEnded)
            {
                report.Failures.Add($"{target.Name} #{i}: the process has ended; nothing after this input was tried");
                return report;
            }
        }

        report.End(before, Use.Of(target.Behind));
        report.Growth(inputs < Filling ? long.MaxValue : MostGrowth, MostHandles);
        report.Reached(target.Least);
        return report;
    }
}
