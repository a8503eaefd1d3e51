namespace AgentMcp.Agents.Files;

/// <summary>Which of some names was meant by a mistyped one.</summary>
public static class Nearest
{
    /// <summary>The nearest name, if it is near enough that a slip explains the difference; else null.</summary>
    public static string? To(string typed, IEnumerable<string> names) => names
        .Where(name => Math.Abs(name.Length - typed.Length) <= Most(typed, name))
        .Select(name => (Name: name, Slips: Slips(typed.ToLowerInvariant(), name.ToLowerInvariant())))
        .Where(one => one.Slips <= Most(typed, one.Name))
        .OrderBy(one => one.Slips).ThenBy(one => one.Name, StringComparer.Ordinal)
        .FirstOrDefault().Name;

    private static int Most(string one, string other) => Math.Max(1, Math.Min(one.Length, other.Length) / 3);

    /// <summary>How many letters were left out, put in, taken for another or swapped with their neighbour.</summary>
    private static int Slips(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1),
                    rows[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[one.Length, other.Length];
    }
}
