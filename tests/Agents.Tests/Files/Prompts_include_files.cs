using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tests.Bench;

namespace AgentMcp.Agents.Tests.Files;

public sealed class Prompts_include_files : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("agents-").FullName;
    private readonly string _folder;

    public Prompts_include_files() => _folder = Directory.CreateDirectory(Path.Combine(_top, "agents", "shared")).Parent!.FullName;

    [Fact]
    [Trait("Accepts", "F2.1")]
    public void With_the_variables_of_the_agent_that_includes_them()
    {
        Write("shared/rules.md", "Rules of {{agent}}:\n{{> more.md}}\n\n");
        Write("shared/more.md", "- Ask {{team}} with {{tools}}.\n");

        var agent = Read("vars: { team: payments }\ntools: [add, request_more_information, done_for_now]", "You are {{agent}}.\n\n{{> shared/rules.md}}\nEnd.");

        Assert.Equal("You are a.\n\nRules of a:\n- Ask payments with add, request_more_information, done_for_now.\nEnd.", agent.Prompt);
    }

    [Theory]
    [Trait("Accepts", "F2.3")]
    [InlineData("{{> shared/rulse.md}}", "a.agent.md:7: there is no file 'shared/rulse.md' to include; did you mean 'rules.md'?")]
    [InlineData("{{> nowhere/rules.md}}", "a.agent.md:7: there is no file 'nowhere/rules.md' to include")]
    [InlineData("{{> ../secret.md}}", "a.agent.md:7: '../secret.md' lies outside the folder of the agents, from which alone can be included")]
    [InlineData("{{> shared/../../secret.md}}", "a.agent.md:7: 'shared/../../secret.md' lies outside the folder of the agents, from which alone can be included")]
    [InlineData("{{> /etc/hostname}}", "a.agent.md:7: '/etc/hostname' lies outside the folder of the agents, from which alone can be included")]
    [InlineData("{{> shared/circle.md}}", "shared/circle2.md:1: 'circle.md' would come to include itself: circle.md -> circle2.md -> circle.md")]
    [InlineData("{{> a.agent.md}}", "a.agent.md:7: 'a.agent.md' would come to include itself: a.agent.md -> a.agent.md")]
    [InlineData("{{> shared/typo.md}}", "shared/typo.md:2: there is no variable 'agnet'; did you mean 'agent'?")]
    [InlineData("{{> shared/twice.md}}", "shared/link.md:1: there is no file 'gone.md' to include")]
    public void That_cannot_be_included_are_refused_with_file_line_and_reason(string include, string message)
    {
        File.WriteAllText(Path.Combine(_top, "secret.md"), "secret");
        Write("shared/rules.md", "Rules.");
        Write("shared/circle.md", "{{> circle2.md}}");
        Write("shared/circle2.md", "{{> circle.md}}");
        Write("shared/typo.md", "One.\nYou are {{agnet}}.");
        Write("shared/twice.md", "{{> rules.md}} {{> rules.md}} {{> link.md}}");
        Write("shared/link.md", "{{> gone.md}}");

        Assert.Equal(Path.Combine(_folder, message.Split(": ")[0]) + message[message.IndexOf(": ", StringComparison.Ordinal)..],
            Assert.Throws<AgentFileException>(() => Read("tools: [add]", "One.\n" + include)).Message);
    }

    [Fact]
    public void But_none_that_a_link_brings_into_the_folder()
    {
        File.WriteAllText(Path.Combine(_top, "secret.md"), "secret");
        File.CreateSymbolicLink(Path.Combine(_folder, "link.md"), Path.Combine(_top, "secret.md"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "way"), _top);

        Assert.Equal([$"{Path.Combine(_folder, "a.agent.md")}:6: 'link.md' cannot be included: {Path.Combine(_folder, "link.md")} is a link",
                $"{Path.Combine(_folder, "a.agent.md")}:6: 'way/secret.md' cannot be included: {Path.Combine(_folder, "way")} is a link"],
            new[] { "link.md", "way/secret.md" }.Select(file => Assert.Throws<AgentFileException>(() => Read("tools: [add]", $"{{{{> {file}}}}}")).Message));
    }

    [Fact]
    public void And_none_that_grow_without_bounds()
    {
        Write("shared/0.md", new string('x', 1000));
        foreach (var i in Enumerable.Range(1, 20))
        {
            Write($"shared/{i}.md", $"{{{{> {i - 1}.md}}}}{{{{> {i - 1}.md}}}}");
        }

        Assert.EndsWith(": the prompt has more than 262144 characters", Assert.Throws<AgentFileException>(() => Read("tools: [add]", "{{> shared/20.md}}")).Message);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("{{> c.md}}", "b.md:1")]
    [InlineData("", "a.agent.md:6")]
    public async Task And_none_that_are_read_without_end(string inner, string place)
    {
        Write("b.md", string.Concat(Enumerable.Repeat(inner, 20_000)));
        Write("c.md", "");
        var body = string.Concat(Enumerable.Repeat("{{> b.md}}", 80_000));

        await Task.Run(() => Assert.Equal($"{Path.Combine(_folder, place)}: the prompt includes files more than 1000 times",
            Assert.Throws<AgentFileException>(() => Read("tools: [add]", body)).Message), TestContext.Current.CancellationToken);
        var remarks = await Task.Run(() => new AgentFolders([_folder], null, [], Microagents.Calculator.Calculator.Tools.ToDictionary(tool => tool.Name)).Check().Remarks, TestContext.Current.CancellationToken);
        Assert.Contains(remarks, remark => remark.Kind == RemarkKind.Problem && remark.Path == Path.Combine(_folder, place.Split(':')[0]));
    }

    [Fact]
    public void And_none_that_lie_too_deep()
    {
        Write("shared/51.md", "End.");
        foreach (var i in Enumerable.Range(0, 51))
        {
            Write($"shared/{i}.md", $"{{{{> {i + 1}.md}}}}");
        }

        Assert.Equal($"{Path.Combine(_folder, "shared/50.md")}:1: files include each other more than 50 deep", Assert.Throws<AgentFileException>(() => Read("tools: [add]", "{{> shared/1.md}}")).Message);
        Assert.Equal("End.", Read("tools: [add]", "{{> shared/2.md}}").Prompt);
    }

    [Fact]
    public void As_often_as_a_long_prompt_may_need_one()
    {
        Write("shared/rule.md", "x");

        Assert.Equal(new string('x', 1000), Read("tools: [add]", string.Concat(Enumerable.Repeat("{{> shared/rule.md}}", 1000))).Prompt);
    }

    public void Dispose() => Directory.Delete(_top, recursive: true);

    private Microagent Read(string fields, string prompt)
    {
        var path = Path.Combine(_folder, "a.agent.md");
        File.WriteAllText(path, $"---\nname: a\ndescription: d\n{fields}\n---\n{prompt}");
        return AgentFile.Read(path, Microagents.Calculator.Calculator.Tools.ToDictionary(tool => tool.Name));
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder, file), text);
}
