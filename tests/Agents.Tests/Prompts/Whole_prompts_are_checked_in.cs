using AgentMcp.Agents.Context;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Rollback;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Prompts;

/// <summary>
/// What a model is sent, byte for byte, with a line feed at the end of each file of Whole/. When a prompt is meant to
/// change, take over what the test has left beside the file in the output folder.
/// </summary>
public sealed class Whole_prompts_are_checked_in
{
    [Fact]
    [Trait("Accepts", "F2.1")]
    [Trait("Accepts", "F3.2")]
    public async Task Of_a_deploy_that_was_turned_round_by_a_person()
    {
        using var repo = new Monorepo();
        var first = repo.Commit("Add search", author: "Ravi");
        var second = repo.Commit("Fix login");
        repo.DeployedElsewhere("prod-20260131-110000-first", first);
        repo.Release("dpl_0", first, author: "Ravi", message: "Add search");
        repo.Release("dpl_1", second, minute: 1, message: "Fix login");
        repo.Serve("dpl_0");
        var tools = Microagents.Deploybot.Deploybot.Tools(repo.Target).ToDictionary(tool => tool.Name);
        var model = new ScriptedModel(
            """{"intent":"promote_vercel_deployment","vercel_deployment":{"deployment_id":"dpl_1"},"previous_deployment":{"deployment_id":"dpl_0"}}""",
            $$$"""{"intent":"tag_push_prod","new_commit":{"sha":"{{{second}}}"},"previous_commit":{"sha":"{{{first}}}"}}""",
            TestAgents.Done);
        await using var bench = new AgentBench(
            AgentFile.Read(Path.Combine(AppContext.BaseDirectory, "Microagents", "Deploybot", "deploybot.agent.md"), tools, DeploybotRules.Next), model);

        var log = await bench.Start("deploy the latest commit to production");
        log = await bench.Answer(log, approved: false, comment: "deploy the backend first");
        log = await bench.Answer(log, approved: true);

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Is("deploybot", model.Prompts[2]);
    }

    [Fact]
    [Trait("Accepts", "F2.1")]
    [Trait("Accepts", "F3.2")]
    [Trait("Accepts", "D.3")]
    public async Task Of_a_rollback_whose_first_half_is_done()
    {
        using var world = new RolledBack();
        var model = new ScriptedModel(
            """{"intent":"promote_previous_deployment","deployment_id":"dpl_0"}""", $$"""{"intent":"deploy_previous_tag","commit":"{{world.Good}}"}""", TestAgents.Done);
        await using var bench = new AgentBench(world.Agent, model);

        var log = await bench.Start(world.Input());
        log = await bench.Answer(log, approved: true);
        log = await bench.Answer(log, approved: false, comment: "leave the backend, it is well");

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Is("rollback", model.Prompts[2]);
    }

    [Fact]
    [Trait("Accepts", "J.5")]
    [Trait("Accepts", "F2.1")]
    public async Task Of_the_judge_where_an_agent_names_no_prompt_of_its_own()
    {
        var outside = new Outside();
        var folder = Directory.CreateTempSubdirectory("judged-").FullName;
        var file = Path.Combine(folder, "clerk.agent.md");
        File.WriteAllText(file, "---\nname: clerk\ndescription: Buys books for the house.\ntools: [look, pay, done_for_now]\njudge: {}\n---\nYou are {{agent}}.\n");
        var model = new ScriptedModel(
            TestAgents.Step("look", "shelf"), TestAgents.Step("pay", "atlas"), """{"intent":"judge","verdict":"fail","reason":"Nobody asked for an atlas."}""", TestAgents.Done);
        await using var bench = new AgentBench(AgentFile.Read(file, new[] { outside.Look, outside.Pay }.ToDictionary(tool => tool.Name)), model);

        await bench.Start("buy the book on bees");

        Is("judge", model.Prompts[2]);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [Trait("Accepts", "S.2")]
    [Trait("Accepts", "F2.1")]
    public async Task Of_the_summariser()
    {
        var look = TestAgents.Tool("look", Effect.ReadOnly, call => $$"""
            {"item":{{call.Arguments.Element().GetProperty("item").GetRawText()}},"upper":["Kant","Hume","Locke","Berkeley","Reid"],"lower":["Spinoza","Leibniz","Wolff"],
             "free":"30 cm on the lower board, to the right of Wolff; an atlas of 40 cm stands there only when it lies","dusted":"2026-02-27"}
            """);
        var agent = TestAgents.Clerk(look) with { Context = new() { Budget = 200, KeepLast = 1, Summariser = "scripted:small" } };
        var model = new ScriptedModel(
            TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), """{"intent":"summarise","summary":"Shelf a has 30 cm free."}""", TestAgents.Done);
        await using var bench = new AgentBench(agent, model);

        await bench.Start("find a place for the atlas");

        Is("summariser", model.Prompts[2]);
    }

    private static void Is(string name, Prompt sent)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Prompts", "Whole");
        (string File, string Text)[] parts = [($"{name}.system.txt", sent.System + "\n"), ($"{name}.user.txt", sent.User + "\n")];
        Array.ForEach(parts, part => File.WriteAllText(Path.Combine(folder, Path.ChangeExtension(part.File, ".sent")), part.Text));
        Assert.All(parts, part => Assert.Equal(File.ReadAllText(Path.Combine(folder, part.File)), part.Text));
    }
}
