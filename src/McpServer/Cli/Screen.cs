using System.Text.Json;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using Spectre.Console;

namespace AgentMcp.Server.Cli;

internal enum Tone
{
    Plain,
    Dim,
    Strong,
    Good,
    Wait,
    Bad,
}

/// <summary>
/// Where a command prints. On a terminal in colour (not with NO_COLOR); redirected, the same words as plain lines that
/// are never wrapped; and with --json nothing but the JSON. Text from agents and models goes through <see cref="Clean"/>, or it could steer the terminal.
/// </summary>
internal sealed class Screen
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly IAnsiConsole? _terminal;

    public Screen(bool json)
    {
        WantsJson = json;
        _terminal = json || Console.IsOutputRedirected ? null : AnsiConsole.Console;
    }

    public bool WantsJson { get; }

    /// <summary>The terminal, when somebody sits at one and can be asked.</summary>
    public IAnsiConsole? Person => Console.IsInputRedirected || _terminal?.Profile.Capabilities.Interactive != true ? null : _terminal;

    public void Line(string text = "", Tone tone = Tone.Plain) => Line((text, tone));

    public void Line(params (string Text, Tone Tone)[] parts)
    {
        if (WantsJson)
        {
            return;
        }

        if (_terminal is null)
        {
            Console.Out.WriteLine(string.Concat(parts.Select(part => Clean(part.Text))).TrimEnd());
            return;
        }

        var line = new Paragraph();
        foreach (var (text, tone) in parts)
        {
            line.Append(Clean(text), StyleOf(tone));
        }

        _terminal.Write(line);
        _terminal.WriteLine();
    }

    /// <summary>Every line of a text, moved in; on a terminal also where it wraps.</summary>
    public void Block(string text, Tone tone = Tone.Plain, int indent = 2)
    {
        if (_terminal is not null)
        {
            _terminal.Write(new Padder(new Text(Clean(text.ReplaceLineEndings("\n").TrimEnd()), StyleOf(tone)), new Padding(indent, 0, 0, 0)));
            return;
        }

        foreach (var line in text.ReplaceLineEndings("\n").TrimEnd().Split('\n'))
        {
            Line(line.Length == 0 ? "" : new string(' ', indent) + line, tone);
        }
    }

    /// <summary>Rows in columns as wide as they must be; the last may be of any length.</summary>
    public void Table(IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> rows, Func<string, Tone>? toneOf = null)
    {
        int[] widths = [.. titles.Select((title, i) => rows.Select(row => row[i].Length).Append(title.Length).Max())];
        Line([.. titles.Select((title, i) => (title.PadRight(widths[i] + 2), Tone.Dim))]);
        foreach (var row in rows)
        {
            Line([.. row.Select((cell, i) => (cell.PadRight(widths[i] + 2), toneOf?.Invoke(cell) ?? Tone.Plain))]);
        }
    }

    public static void Json(JsonText json) => Console.Out.WriteLine(Visible.InJson(JsonSerializer.Serialize(json.Element(), Indented)));

    /// <summary>What was asked for in exactly these characters.</summary>
    public void Exact(string text) => Console.Out.Write(_terminal is null ? text : Clean(text));

    /// <summary>Shows that something goes on, on a terminal only.</summary>
    public Task<T> Busy<T>(string what, Func<Task<T>> work) =>
        _terminal is null ? work() : _terminal.Status().StartAsync(Markup.Escape(what), _ => work());

    /// <summary>The text with all that a terminal would obey or hide shown by its number.</summary>
    public static string Clean(string text) => Visible.OnATerminal(text);

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Dim => new Style(decoration: Decoration.Dim),
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Good => new Style(Color.Green),
        Tone.Wait => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red),
        _ => Style.Plain,
    };
}
