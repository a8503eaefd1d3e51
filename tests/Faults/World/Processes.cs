using System.Globalization;

namespace AgentMcp.Faults.World;

/// <summary>Processes as the system lists them, told by a word in their environment.</summary>
internal static class Processes
{
    /// <summary>Those whose environment holds this text.</summary>
    public static IReadOnlyList<int> With(string text) => [.. Directory.GetDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0 && id != Environment.ProcessId && (Read($"/proc/{id}/environ")?.Contains(text, StringComparison.Ordinal) ?? false))];

    public static string NameOf(int process) => Read($"/proc/{process}/cmdline")?.Replace('\0', ' ') ?? "gone";

    /// <summary>Whether it was started, directly or through others, by a process whose command line has this word.</summary>
    public static bool IsBelow(int process, string word)
    {
        // The parent is the second field after the name, which is in parentheses and may hold anything.
        while (Read($"/proc/{process}/stat") is { } stat && (process = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture)) > 1)
        {
            if (NameOf(process).Split(' ').Contains(word))
            {
                return true;
            }
        }

        return false;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
