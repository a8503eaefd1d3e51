using Spectre.Console;

namespace AgentMcp.Faults.Sweep;

/// <summary>Counts, and the tables of them. Thread-safe.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, int>>> _tables = new(StringComparer.Ordinal);

    public void Count(string table, string row, string column = "", int times = 1)
    {
        lock (_lock)
        {
            var rows = _tables.TryGetValue(table, out var known) ? known : _tables[table] = new(StringComparer.Ordinal);
            var columns = rows.TryGetValue(row, out var found) ? found : rows[row] = new(StringComparer.Ordinal);
            columns[column] = columns.GetValueOrDefault(column) + times;
        }
    }

    /// <param name="row">Null for all of them.</param>
    /// <param name="column">Null for all of them.</param>
    public int Of(string table, string? row = null, string? column = null)
    {
        lock (_lock)
        {
            return _tables.TryGetValue(table, out var rows)
                ? rows.Where(one => row is null || one.Key == row).SelectMany(one => one.Value).Where(count => column is null || count.Key == column).Sum(count => count.Value)
                : 0;
        }
    }

    /// <summary>Every table as Markdown, for a terminal and for the docs alike.</summary>
    public void Print(TextWriter output)
    {
        lock (_lock)
        {
            foreach (var (title, rows) in _tables)
            {
                List<string> columns = [.. rows.Values.SelectMany(row => row.Keys).Distinct().Order(StringComparer.Ordinal)];
                var table = new Table().MarkdownBorder().AddColumn(title);
                columns.ForEach(column => table.AddColumn(new TableColumn(column.Length > 0 ? column : "number").RightAligned()));
                foreach (var (row, counts) in rows)
                {
                    table.AddRow([Markup.Escape(row), .. columns.Select(column => $"{counts.GetValueOrDefault(column)}")]);
                }

                var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
                console.Profile.Width = 200;
                console.Write(table);
                output.WriteLine();
            }
        }
    }
}
