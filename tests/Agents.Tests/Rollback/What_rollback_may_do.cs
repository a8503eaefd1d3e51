using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Rollback;

public sealed class What_rollback_may_do : IDisposable
{
    private readonly RolledBack _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    [Trait("Accepts", "F10.2")]
    public void It_has_fewer_intents_than_deploybot_and_gates_what_has_an_effect() => Assert.Equal(
        [
            "request_more_information", "done_for_now", "list_git_tags Run ReadOnly", "list_vercel_deployments Run ReadOnly",
            "promote_previous_deployment Approve Effectful", "deploy_previous_tag Approve Effectful",
        ],
        _world.Agent.Intents.Select(intent => intent is Tool tool ? $"{tool.Name} {tool.Route} {tool.Effect}" : intent.Name));

    [Theory]
    [Trait("Accepts", "F10.2")]
    [InlineData("tag_push_prod", """{"intent":"tag_push_prod","new_commit":{"sha":"latest"}}""")]
    [InlineData("promote_vercel_deployment", """{"intent":"promote_vercel_deployment","vercel_deployment":{"deployment_id":"dpl_1"}}""")]
    public async Task Deploybots_intents_are_unknown_to_it(string intent, string step)
    {
        await using var bench = new AgentBench(_world.Agent, new ScriptedModel(step, TestAgents.Done));

        var log = await bench.Start(_world.Input());

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.StartsWith($"There is no intent '{intent}'.", log.Events.OfType<StepRejected>().Single().Reason, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "F1.4")]
    [InlineData("""{"intent":"promote_previous_deployment","deployment_id":"dpl_9"}""", "There is no production deployment \"dpl_9\". The newest are dpl_2, dpl_1, dpl_0; list_vercel_deployments shows them.")]
    [InlineData("""{"intent":"promote_previous_deployment","deployment_id":"dpl_2"}""", "Deployment dpl_2 is not older than what is live (dpl_1), and a rollback only goes back. Name what was there before, or ask a person.")]
    [InlineData("""{"intent":"promote_previous_deployment","deployment_id":"dpl_1"}""", "Deployment dpl_1 is already in production; there is nothing to promote.")]
    [InlineData("""{"intent":"deploy_previous_tag","commit":"abcdef1"}""", "There is no commit abcdef1 in the repository. Call list_git_commits and use a SHA from there.")]
    [InlineData("""{"intent":"deploy_previous_tag","commit":"latest"}""", "Commit NEW is not older than what is live (BAD), and a rollback only goes back. Name what was there before, or ask a person.")]
    public async Task It_only_goes_back_and_only_to_what_there_is(string step, string error)
    {
        var newer = _world.Repo.Commit("Newer still");
        _world.Repo.Release("dpl_2", newer, minute: 2);
        await using var bench = new AgentBench(_world.Agent, new ScriptedModel(step, TestAgents.Done));

        var log = await bench.Start(_world.Input());

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal(error.Replace("NEW", newer[..7], StringComparison.Ordinal).Replace("BAD", _world.Bad[..7], StringComparison.Ordinal), log.Events.OfType<ToolFailed>().Single().Error);
    }

    [Fact]
    [Trait("Accepts", "D.3")]
    public async Task It_begins_only_with_all_the_facts()
    {
        await using var bench = new AgentBench(_world.Agent, new ScriptedModel());

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Start("rollback", JsonText.Parse("""{"sha":"9f2c1ab"}"""), AgentBench.Me));

        Assert.StartsWith("The input does not fit rollback: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F2.1")]
    [Trait("Accepts", "D.3")]
    public async Task Its_first_prompt_holds_the_facts_and_nothing_of_the_deploy()
    {
        var model = new ScriptedModel(TestAgents.Done);
        await using var bench = new AgentBench(_world.Agent, model);

        await bench.Start(_world.Input());

        Assert.Equal($"""
            <message_received>
            sha: {_world.Bad}
            deployed:
              backend:
                sha: {_world.Bad}
              frontend:
                deployment_id: dpl_1
                sha: {_world.Bad}
            before:
              backend:
                sha: {_world.Good}
              frontend:
                deployment_id: dpl_0
                sha: {_world.Good}
            failed_tests:
            - test: GET /login
              why: expected 200, got 500
            </message_received>
            """, model.Prompts[0].User.Split("\n\n")[0]);
    }
}
