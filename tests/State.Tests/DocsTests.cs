using System.Reflection;
using System.Text.RegularExpressions;
using AgentMcp.State.Tests.Threads;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests;

/// <summary>docs/threads.md says what the code does: arrow for arrow, row for row.</summary>
public class DocsTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "threads.md")).ReplaceLineEndings("\n");
    private static readonly string[] Everywhere = ["answer_refused", "delivery_failed", "thread_forked"];

    private static IEnumerable<(string From, string Event, string To)> Drawn => Transitions.All()
        .Where(t => t.To is not null && !(Everywhere.Contains(t.Event) && t.From == t.To))
        .Select(t => (t.From, t.Event, t.To!)).Distinct();

    [Fact]
    public void The_diagram_has_every_arrow_of_the_code_and_no_other() =>
        Assert.Equal(
            Drawn.Select(t => $"{t.From} --> {t.To}: {t.Event}").Order(StringComparer.Ordinal),
            Regex.Matches(Text, @"^  (\w+) --> (\w+): (.+)$", RegexOptions.Multiline)
                .SelectMany(arrow => Regex.Replace(arrow.Groups[3].Value, @"\([^)]*\)", "").Split('/')
                    .Select(happened => $"{arrow.Groups[1].Value} --> {arrow.Groups[2].Value}: {happened.Trim()}"))
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Two_events_leave_every_started_thread_as_it_was() =>
        Assert.All(Transitions.All().Where(t => Everywhere.Contains(t.Event) && t is not { From: "Approved", Event: "thread_forked" }),
            t => Assert.Equal(t.From == "NotStarted" ? null : t.From, t.To));

    [Fact]
    public void Every_event_has_a_row_with_its_transitions()
    {
        var expected = Transitions.All().Select(t => t.Event).Distinct().Order(StringComparer.Ordinal).Select(name => $"{name}: {name switch
        {
            "answer_refused" or "delivery_failed" => "any but NotStarted → the same",
            "thread_forked" => Moves(name) + "; any other but NotStarted → the same",
            _ => Moves(name),
        }}");
        Assert.Equal(expected, Rows("Events").Select(row => $"{row[0].Trim('`')}: {row[2]}").Order(StringComparer.Ordinal));

        static string Moves(string name) => string.Join("; ", Drawn.Where(t => t.Event == name).GroupBy(t => t.To).OrderBy(to => to.Key, StringComparer.Ordinal)
            .Select(to => $"{string.Join(", ", to.Select(t => t.From).Order(StringComparer.Ordinal))} → {to.Key}"));
    }

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute))).Select(method => $"{type.Name}.{method.Name}").Append(type.Name)).ToHashSet();
        var named = Regex.Matches(Text, @"`(\w+Tests(?:\.\w+)?)`").Select(match => match.Groups[1].Value).ToList();
        Assert.Empty(named.Except(tests));
        Assert.All(Rows("Events"), row => Assert.Contains(row[3].Trim('`'), named));
    }

    [Fact]
    public void Every_command_status_and_kind_has_a_row()
    {
        Assert.Equal(UnionTests.SubtypesOf<ThreadCommand>().Select(type => type.Name).Order(StringComparer.Ordinal), Names("Commands").Order(StringComparer.Ordinal));
        Assert.Equal(Enum.GetValues<RequestKind>().Select(WireName.Of), Names("Requests"));
        Assert.Equal(
            Happened.Logs.Values.Select(log => AgentThread.Fold(Spec.Id, log)).Where(thread => thread.Version > 0)
                .Select(thread => (WireName.Of(thread.Status), Transitions.NameOf(thread))).Distinct().Order(),
            Rows("States").SelectMany(row => row[1].Split(", ").Select(state => (row[0].Trim('`'), state))).Order());
    }

    private static IEnumerable<string> Names(string section) => Rows(section).Select(row => row[0].Trim('`'));

    /// <summary>The cells of the rows, but for the heading, of the table in a section.</summary>
    private static List<string[]> Rows(string section) =>
        [.. Regex.Match(Text, $@"^## {section}\n(.*?)(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value
            .Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | "))];
}
