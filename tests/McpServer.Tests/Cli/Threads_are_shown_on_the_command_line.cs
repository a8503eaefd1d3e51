using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Cli;

public sealed class Threads_are_shown_on_the_command_line : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task The_agents_are_listed_with_what_could_not_be_loaded()
    {
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "broken.agent.md"), "no front matter", TestContext.Current.CancellationToken);

        var ran = await _agentmcp.Run("agents", "--agents", _agentmcp.Folder);
        var json = (await _agentmcp.Run("agents", "--json")).Json;

        Assert.StartsWith(
            """
            AGENT       DESCRIPTION
            calculator  Does arithmetic one operation at a time, and asks before it divides.
            deploybot   Deploys one monorepo to production, backend by a production tag and frontend by promoting a deployment, and asks a person before each deploy.
            pipeline    Brings a merged commit to production: staging and its tests, deploybot with its approvals, tests of production, and rollback when those fail.
            rollback    Takes production back to what it was before a deploy whose tests failed, one part at a time, and asks a person before each.
            Not loaded: 
            """, ran.Told, StringComparison.Ordinal);
        Assert.Contains("broken.agent.md:1:", ran.Output, StringComparison.Ordinal);
        Assert.Equal(["calculator", "deploybot", "pipeline", "rollback"], json.GetProperty("agents").EnumerateArray().Select(agent => agent.GetProperty("name").GetString()));
    }

    [Fact]
    [Trait("Accepts", "W.8")]
    public async Task Threads_are_listed_newest_first_and_page_by_page()
    {
        await _agentmcp.Call("calculator", "multiply 3 and 4");
        await _agentmcp.Call("calculator", "divide 3 by 4");

        Assert.Equal(
            """
            THREAD                                AGENT       STATUS              EVENTS  UPDATED
            thr_...  calculator  pending (approval)  3       2026-01-01 00:00:00Z
            thr_...  calculator  completed           6       2026-01-01 00:00:00Z

            """, (await _agentmcp.Run("threads")).Told);
        Assert.Equal("There are no such threads.\n", (await _agentmcp.Run("threads", "--status", "failed")).Told);

        var first = (await _agentmcp.Run("threads", "--limit", "1", "--json")).Json;
        var second = (await _agentmcp.Run("threads", "--cursor", first.GetProperty("next_cursor").GetString()!, "--json")).Json;
        Assert.Equal("pending", Assert.Single(first.GetProperty("threads").EnumerateArray()).GetProperty("status").GetString());
        Assert.Equal("completed", Assert.Single(second.GetProperty("threads").EnumerateArray()).GetProperty("status").GetString());
    }

    [Fact]
    [Trait("Accepts", "F5.4")]
    public async Task A_thread_is_shown_as_a_timeline_that_ends_with_where_it_stands()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");
        await _agentmcp.Run("answer", thread, "--reject", "use 5 instead");

        Assert.Equal(
            """
            calculator  thr_...  pending
               1  00:00:00.000  Started by local through cli
                                {"message":"divide 3 by 4"}
               2  00:00:00.000  Chose divide (rules)
                                {"a":3,"b":4}
               3  00:00:00.000  Asked (approval): Run divide with a 3, b 4?
               4  00:00:00.000  Answered by local through cli: rejected
                                use 5 instead
               5  00:00:00.000  Chose divide (rules)
                                {"a":3,"b":5}
               6  00:00:00.000  Asked (approval): Run divide with a 3, b 5?

            calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 5?

            Thread: thr_...
            Answer it with one of:
              agentmcp answer thr_... --approve
              agentmcp answer thr_... --reject "why, or what to do instead"

            """, (await _agentmcp.Run("show", thread)).Told);
    }

    [Fact]
    [Trait("Accepts", "F2.2")]
    public async Task The_prompt_of_a_step_is_exactly_what_the_model_was_given()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");
        await _agentmcp.Run("answer", thread, "--reject", "use 5 instead");
        var agent = AgentFile.Read(
            Path.Combine(AppContext.BaseDirectory, "Microagents", "Calculator", "calculator.agent.md"),
            Calculator.Tools.ToDictionary(tool => tool.Name), CalculatorRules.Next);
        var events = (await _agentmcp.Run("show", thread, "--json")).Json.GetProperty("events")
            .EnumerateArray().Select(happened => ThreadJson.Read(happened.GetRawText())).ToList();

        foreach (var step in (int[])[2, 5])
        {
            var prompt = PromptRenderer.Render(agent, events[..(step - 1)]);
            var shown = await _agentmcp.Run("show", thread, "--prompt", $"{step}");
            Assert.Equal($"--- system ---\n{prompt.System}\n--- user ---\n{prompt.User}\n", shown.Output);
        }
    }

    [Fact]
    public async Task What_an_agent_was_told_cannot_steer_the_output()
    {
        var thread = await _agentmcp.Call("calculator", "multiply 3 and \u001b[2J\u009bsomething");

        var shown = await _agentmcp.Run("show", thread);

        Assert.DoesNotContain(shown.Output, c => char.IsControl(c) && c != '\n' && c != '\r');
    }
}
