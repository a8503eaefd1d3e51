using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Tests.Files;

public sealed class Checking_agent_files : IDisposable
{
    private static readonly Outside World = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("agents-").FullName;

    [Fact]
    [Trait("Accepts", "F2.3")]
    [Trait("Accepts", "R.4")]
    public void Names_every_problem_of_a_file_and_not_only_the_first() => Told(
        """
        ---
        name: a
        description: Does this and that.
        modle: x
        tools: [dpeloy, look, fly]
        gates: { dpeloy: human, look: maybe }
        limits:
          step: 3
          tokens: -1
        ---
        You are {{agnet}}. {{> nope.md}}
        {{> ../nope.md}}
        """,
        "a.agent.md:4 Problem there is no field 'modle' (model)",
        "a.agent.md:5 Problem unknown tool 'dpeloy' (deploy)",
        "a.agent.md:5 Problem unknown tool 'fly'; there are request_more_information, request_human_input, nothing_to_do, await, done_for_now, deploy, look, pay",
        "a.agent.md:6 Problem the gate of look must be none, approval, human, delegate or dry_run, not 'maybe'",
        "a.agent.md:8 Problem there is no limit 'step' (steps)",
        "a.agent.md:9 Problem tokens must be a whole number of at least 1, not '-1'",
        "a.agent.md:11 Problem there is no variable 'agnet' (agent)",
        "a.agent.md:11 Problem there is no file 'nope.md' to include",
        "a.agent.md:12 Problem '../nope.md' lies outside the folder of the agents, from which alone can be included");

    [Fact]
    public void A_mistake_that_names_no_field_does_not_keep_the_check_from_ending() => Told(
        """
        ---
        name: a
        description: Does this and that.
        input: { count: integer?, when: date }
        modle: x
        ---
        Go.
        """,
        "a.agent.md:4 Problem input: unknown type 'integer?' (integer)",
        "a.agent.md:5 Problem there is no field 'modle' (model)");

    [Fact]
    public void A_prompt_that_is_too_long_is_a_problem_of_the_file() => Told(
        $"""
        ---
        name: a
        description: Does this and that.
        modle: x
        ---
        Go.
        {new string('x', 262_145)}
        """,
        "a.agent.md:4 Problem there is no field 'modle' (model)",
        "a.agent.md:7 Problem the prompt has more than 262144 characters");

    [Theory]
    [InlineData("output: &a { type: object, properties: { again: *a } }")]
    [InlineData("output: { a: &a [x, x, x, x, x, x, x, x, x, x], b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a], c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b], d: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c] }")]
    public void What_stands_in_itself_or_grows_without_end_is_a_problem_of_the_file(string field) => Told(
        $"""
        ---
        name: a
        description: Does this and that.
        {field}
        ---
        Go.
        """,
        "a.agent.md:2 Problem the front matter is too large for an agent: it may have 10000 values, each time an alias stands for them, at most 60 deep");

    [Fact]
    public void Warns_of_what_is_probably_not_meant() => Told(
        """
        ---
        name: a
        description: adds
        tools: [look, pay, deploy, request_more_information]
        gates: { deploy: approval, pay: none, look: none }
        vars: { team: x, used: y }
        ---
        Look with `look` at {{used}} and `loook`, then put_away it.
        End with done_for_now, or ask with request_human_input. See docs/look_at.md and `unrelated`.
        """,
        "a.agent.md:3 Warning the description is too short to say what the agent is for and what not; callers choose by it",
        "a.agent.md:5 Warning the gate of deploy changes nothing: it is approval without it too",
        "a.agent.md:5 Warning the gate of pay changes nothing: it is none without it too",
        "a.agent.md:5 Warning the gate of look changes nothing: it is none without it too",
        "a.agent.md:6 Warning the variable 'team' is used nowhere in the prompt",
        "a.agent.md:8 Warning the prompt mentions 'loook', which is no tool (look)",
        "a.agent.md:9 Warning the prompt mentions 'request_human_input', which this agent does not list among its tools");

    [Fact]
    public void Warns_of_an_effect_that_runs_unasked_because_the_file_says_so() => Told(
        "---\nname: a\ndescription: Deploys what it is told.\ntools: [deploy]\ngates: { deploy: none }\n---\nDeploy.",
        "a.agent.md:5 Warning deploy has effects and runs unasked");

    [Fact]
    public void Says_whose_file_comes_first_where_one_names_another()
    {
        Write("b.agent.md", "---\nname: b\ndescription: Calls the other.\ntools: [a]\n---\nCall a.");

        Told("---\nname: a\nmodle: x\n---\n",
            "a.agent.md:1 Problem the field 'description' is missing", "a.agent.md:3 Problem there is no field 'modle' (model)",
            "b.agent.md:4 Problem the agent 'a' cannot be used; mend its own file first");
    }

    [Fact]
    public void Has_nothing_to_say_of_agents_that_ship()
    {
        foreach (var name in new[] { "Calculator/calculator" })
        {
            Write(Path.GetFileName(name) + ".agent.md", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Microagents", name + ".agent.md")));
        }

        var (files, remarks) = new AgentFolders([_folder], null, [], Microagents.Calculator.Calculator.Tools.ToDictionary(tool => tool.Name)).Check();

        Assert.Equal((1, 0), (files, remarks.Count));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Told(string text, params string[] lines)
    {
        Write("a.agent.md", text);
        var remarks = new AgentFolders([_folder], null, [], new[] { World.Look, World.Pay, World.Deploy }.ToDictionary(tool => tool.Name)).Check().Remarks;

        Assert.Equal(lines, remarks.Select(remark => $"{Path.GetFileName(remark.Path)}:{remark.Line} {remark.Kind} {remark.Reason}{(remark.Meant is null ? "" : $" ({remark.Meant})")}"));
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder, file), text);
}
