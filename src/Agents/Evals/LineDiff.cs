namespace AgentMcp.Agents.Evals;

/// <summary>Two texts as one difference of lines: <c>- </c> was, <c>+ </c> is, and a little of what is the same around them. Pure.</summary>
public static class LineDiff
{
    private const int Context = 2;

    // Past this the middle is told as one change: a table of all pairs would be too large.
    private const int MostPairs = 4_000_000;

    public static IReadOnlyList<string> Of(string before, string after)
    {
        var (was, now) = (before.Split('\n'), after.Split('\n'));
        var head = Same(was, now, (list, i) => list[i]);
        var tail = Same(was[head..], now[head..], (list, i) => list[^(i + 1)]);
        var lines = new List<string>(was[..head].Select(line => "  " + line));
        lines.AddRange(Changed(was[head..^tail], now[head..^tail]));
        lines.AddRange(was[^tail..].Select(line => "  " + line));
        return Near(lines);
    }

    private static int Same(string[] one, string[] other, Func<string[], int, string> at)
    {
        var same = 0;
        while (same < Math.Min(one.Length, other.Length) && at(one, same) == at(other, same))
        {
            same++;
        }

        return same;
    }

    private static IEnumerable<string> Changed(string[] was, string[] now)
    {
        if ((long)was.Length * now.Length > MostPairs)
        {
            return [.. was.Select(line => "- " + line), .. now.Select(line => "+ " + line)];
        }

        // Length of the longest common subsequence of what is left of both, from each pair of places on.
        var common = new int[was.Length + 1, now.Length + 1];
        for (var i = was.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = was[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        return Walk(was, now, common);
    }

    private static IEnumerable<string> Walk(string[] was, string[] now, int[,] common)
    {
        var (i, j) = (0, 0);
        while (i < was.Length || j < now.Length)
        {
            if (i < was.Length && j < now.Length && was[i] == now[j])
            {
                yield return "  " + was[i];
                (i, j) = (i + 1, j + 1);
            }
            else if (i < was.Length && (j == now.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                yield return "- " + was[i++];
            }
            else
            {
                yield return "+ " + now[j++];
            }
        }
    }

    private static List<string> Near(List<string> lines)
    {
        var shown = new List<string>();
        for (var i = 0; i < lines.Count; i++)
        {
            var near = lines.Skip(Math.Max(0, i - Context)).Take(Math.Min(i, Context) + Context + 1).Any(line => !line.StartsWith("  ", StringComparison.Ordinal));
            if (near)
            {
                shown.Add(lines[i]);
            }
            else if (shown.LastOrDefault() != "...")
            {
                shown.Add("...");
            }
        }

        return shown;
    }
}
