using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tests.Bench;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Agents.Tests.Files;

public sealed class Agents_follow_their_files : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("agents-").FullName;
    private readonly FakeTimeProvider _clock = new();
    private readonly string _folder;
    private readonly string _home;
    private readonly MicroagentCatalog _catalog;
    private readonly AgentWatch _watch;
    private int _changes;

    public Agents_follow_their_files()
    {
        (_folder, _home) = (Path.Combine(_top, "project"), Path.Combine(_top, "home"));
        Directory.CreateDirectory(_folder);
        Write("a", "You are a.");
        var folders = new AgentFolders([_folder], _home, [TestAgents.Calculator], Microagents.Calculator.Calculator.Tools.ToDictionary(tool => tool.Name), ["get_thread"]);
        _catalog = folders.Load();
        _catalog.Changed += () => _changes++;
        // What is not there when it begins the system tells nothing of. Another thread would set timers of this clock while it moves.
        Directory.Move(_folder, _folder + "-away");
        _watch = new(folders, _catalog, _clock, NullLogger.Instance);
        Directory.Move(_folder + "-away", _folder);
    }

    [Fact]
    [Trait("Accepts", "F2.3")]
    public void A_file_that_is_written_edited_or_removed_is_live_at_the_next_glance()
    {
        Glance();
        Assert.Equal(("a calculator", 0), (Names, _changes));

        Write("b", "You are b.");
        Glance();
        Assert.Equal(("a b calculator", 1), (Names, _changes));

        Write("a", "You are another a.");
        Glance();
        Assert.Equal(("You are another a.", 2), (_catalog.Get("a").Prompt, _changes));

        File.Delete(Of("b"));
        Glance();
        Assert.Equal(("a calculator", 3), (Names, _changes));
        Assert.Empty(_catalog.Remarks);
    }

    [Fact]
    [Trait("Accepts", "F2.3")]
    public void A_broken_edit_keeps_the_last_good_definition_and_is_told_until_it_is_mended()
    {
        Write("b", "You call a.", "tools: [a]");
        Glance();
        var good = (_catalog.Get("a"), _catalog.Get("b"));

        Write("a", "You are {{agnet}}, edited.");
        Glance();

        Assert.Equal("a b calculator", Names);
        Assert.Same(good.Item1, _catalog.Get("a"));
        Assert.Equal("You call a.", _catalog.Get("b").Prompt);
        Assert.Equal([$"{Of("a")}:5: there is no variable 'agnet'; did you mean 'agent'? (until it is mended, a stays as it was)"], _catalog.Problems);

        Write("a", "You are {{agent}}, edited.");
        Glance();

        Assert.Equal("You are a, edited.", _catalog.Get("a").Prompt);
        Assert.Empty(_catalog.Remarks);
    }

    [Fact]
    public void Whoever_names_an_agent_that_is_gone_stays_as_it_was_and_says_so()
    {
        Write("b", "You call a.", "tools: [a]");
        Glance();

        File.Delete(Of("a"));
        Glance();

        Assert.Equal("b calculator", Names);
        Assert.EndsWith(" (until it is mended, b stays as it was)", Assert.Single(_catalog.Problems));
        Assert.NotNull(_catalog.Get("b").FindTool("a"));
    }

    [Fact]
    [Trait("Accepts", "F2.3")]
    public void So_is_an_included_file_also_one_that_was_missing()
    {
        Write("b", "{{> rules/one.md}}");
        Glance();
        Assert.Equal([$"{Of("b")}:5: there is no file 'rules/one.md' to include"], _catalog.Problems);

        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "rules")).FullName, "one.md"), "Rule one.");
        Glance();
        Assert.Equal("Rule one.", _catalog.Get("b").Prompt);

        File.WriteAllText(Path.Combine(_folder, "rules", "one.md"), "Rule one, edited.");
        Glance();
        Assert.Equal("Rule one, edited.", _catalog.Get("b").Prompt);
    }

    [Fact]
    [Trait("Accepts", "F2.3")]
    public void A_link_is_what_it_leads_to()
    {
        var target = Path.Combine(_top, "elsewhere.md");
        File.WriteAllText(target, "---\nname: c\ndescription: d\n---\nYou are c.");
        File.CreateSymbolicLink(Of("c"), target);
        Glance();
        Assert.Equal("You are c.", _catalog.Get("c").Prompt);

        File.WriteAllText(target, "---\nname: c\ndescription: d\n---\nYou are c, edited.");
        Glance();
        Assert.Equal("You are c, edited.", _catalog.Get("c").Prompt);

        File.AppendAllText(target, new string('x', 1024 * 1024));
        Glance();
        Assert.Equal([$"{Of("c")}:1: the file has more than 1048576 bytes and is no agent (until it is mended, c stays as it was)"], _catalog.Problems);

        File.Delete(target);
        Glance();
        Assert.Single(_catalog.Problems);
        File.CreateSymbolicLink(target, Of("c"));
        Glance();
        Assert.Equal("You are c, edited.", _catalog.Get("c").Prompt);
        Assert.Single(_catalog.Problems);
    }

    // As Kubernetes writes a ConfigMap: each state of it is a folder, and one link is turned from the old to the new.
    [Fact]
    [Trait("Accepts", "F2.3")]
    public void So_is_a_file_whose_folder_is_exchanged_behind_a_link()
    {
        foreach (var state in new[] { "1", "2" })
        {
            var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, ".." + state)).FullName, "c.agent.md");
            File.WriteAllText(file, $"---\nname: c\ndescription: d\n---\nYou are c{state}.");
            File.SetLastWriteTimeUtc(file, new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc));
        }

        var data = Path.Combine(_folder, "..data");
        Directory.CreateSymbolicLink(data, "..1");
        File.CreateSymbolicLink(Of("c"), Path.Combine("..data", "c.agent.md"));
        Glance();
        Assert.Equal("You are c1.", _catalog.Get("c").Prompt);

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "..2");
        Glance();

        Assert.Equal("You are c2.", _catalog.Get("c").Prompt);
        Assert.Empty(_catalog.Remarks);
    }

    [Fact]
    public void Of_two_with_one_name_the_projects_wins_over_the_users_and_that_is_said()
    {
        Directory.CreateDirectory(_home);
        File.WriteAllText(Path.Combine(_home, "a.agent.md"), "---\nname: a\ndescription: d\n---\nYou are the user's a.");
        File.WriteAllText(Path.Combine(_home, "mine.agent.md"), "---\nname: mine\ndescription: d\ntools: [a]\n---\nYou are mine.");
        Glance();

        Assert.Equal(("a calculator mine", "You are a."), (Names, _catalog.Get("a").Prompt));
        Assert.Equal([$"{Path.Combine(_home, "a.agent.md")}:1: 'a' is not used: {Of("a")} has the same name, and its folder counts first"], _catalog.Notes);
        Assert.Empty(_catalog.Problems);

        File.Delete(Of("a"));
        Glance();
        Assert.Equal("You are the user's a.", _catalog.Get("a").Prompt);
        Assert.Empty(_catalog.Remarks);
    }

    [Fact]
    public void A_folder_that_goes_away_is_a_problem_and_one_that_comes_back_is_read()
    {
        Directory.Move(_folder, _folder + "-away");
        Glance();
        Assert.Equal(("calculator", $"{_folder}: there is no such folder; create it or change --agents"), (Names, Assert.Single(_catalog.Problems)));

        Directory.Move(_folder + "-away", _folder);
        Glance();
        Assert.Equal("a calculator", Names);
        Assert.Empty(_catalog.Problems);
    }

    [Theory]
    [InlineData("calculator", "there is already an agent named 'calculator', which comes with the program; choose another name")]
    [InlineData("get_thread", "an agent cannot be named 'get_thread'; a tool of the server has that name")]
    [InlineData("a", "there is already an agent named 'a', in {a}; choose another name")]
    public void A_name_that_is_taken_is_refused(string name, string reason)
    {
        File.WriteAllText(Of("z"), $"---\nname: {name}\ndescription: d\n---\nx");
        Glance();

        Assert.Equal([$"{Of("z")}:1: {reason.Replace("{a}", Of("a"), StringComparison.Ordinal)}"], _catalog.Problems);
        Assert.Equal("a calculator", Names);
    }

    public void Dispose()
    {
        _watch.Dispose();
        Directory.Delete(_top, recursive: true);
    }

    private string Names => string.Join(' ', _catalog.All.Select(agent => agent.Name));

    private void Glance() => _clock.Advance(AgentWatch.Glance);

    private string Of(string name) => Path.Combine(_folder, name + ".agent.md");

    private void Write(string name, string prompt, string? fields = null) =>
        File.WriteAllText(Of(name), $"---\nname: {name}\ndescription: d\n{(fields is null ? "" : fields + "\n")}---\n{prompt}");
}
