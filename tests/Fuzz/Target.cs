using System.Diagnostics;
using System.Text.RegularExpressions;
using CsCheck;

namespace AgentMcp.Fuzz;

/// <summary>A door that hostile input is put through.</summary>
/// <param name="Attempts">Each an input and what came of it, in a word or two.</param>
/// <param name="Behind">The process behind the door.</param>
/// <param name="Least">Outcomes, by how they begin, that so many of a hundred inputs must have: what is turned away at the door has tested nothing behind it.</param>
internal sealed record Target(string Name, Gen<Attempt> Attempts, Process Behind, params (string Outcome, int Percent)[] Least)
{
    public bool HasEnded => Behind.Id != Environment.ProcessId && Behind.HasExited;

    public TimeSpan Processor
    {
        get
        {
            Behind.Refresh();
            return Behind.TotalProcessorTime;
        }
    }
}

/// <param name="Shown">The input, to be found again by.</param>
/// <param name="Make">Puts it through the door; returns the kind of outcome.</param>
internal sealed record Attempt(string Shown, Func<Task<string>> Make);

/// <summary>What a process holds: bytes, of this one after tidying up, and open handles but those of its code.</summary>
internal readonly record struct Use(long Bytes, int Handles)
{
    public static Use Of(Process process)
    {
        if (process.Id == Environment.ProcessId)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }

        process.Refresh();
        return new(process.Id == Environment.ProcessId ? GC.GetTotalMemory(forceFullCollection: true) : process.WorkingSet64,
            OperatingSystem.IsLinux() ? Directory.GetFiles($"/proc/{process.Id}/fd").Count(IsNotCode) : process.HandleCount);
    }

    // What a process runs is opened when it is first needed, and stays so.
    private static bool IsNotCode(string handle) => new FileInfo(handle).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true;
}

/// <summary>An answer that must not be: it is ours to mend.</summary>
internal sealed class UnclearException(string message) : Exception(message);

/// <summary>What no answer to anybody may hold: words of the framework, names of types, traces.</summary>
internal static partial class Clear
{
    /// <exception cref="UnclearException">The text says nothing a caller can act on, or tells what is nobody's business.</exception>
    public static string Check(string answer)
    {
        // What is repeated from the input is the sender's own.
        if (Unclear().Match(answer) is { Success: true } found)
        {
            throw new UnclearException($"an answer says '{found.Value}': {(answer.Length > 600 ? answer[..600] : answer)}");
        }

        return answer;
    }

    [GeneratedRegex(@"An error occurred|\b(System|Microsoft|Newtonsoft|ModelContextProtocol|AgentMcp)\.[A-Z][a-z]\w{1,60}|\b[A-Z][A-Za-z]{1,60}Exception\b|\s at [\w.]{1,200}\(|LineNumber: \d|BytePositionInLine|Object reference not set|unhandled", RegexOptions.CultureInvariant)]
    private static partial Regex Unclear();
}
