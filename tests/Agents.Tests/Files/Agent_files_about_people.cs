using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Files;

public sealed class Agent_files_about_people
{
    private static readonly Outside World = new();

    [Fact]
    [Trait("Accepts", "A2H.5")]
    [Trait("Accepts", "A2H.7")]
    public void Say_who_may_answer_how_they_are_told_and_how_long_it_may_take()
    {
        var agent = Read("""
            answerable_by: human
            people: { responders: "@mia, @ravi", channels: ops, remind_after: 90s, escalate_to: boss, escalate_after: 4h, expires_after: 2d }
            tools: [look]
            """);

        Assert.Equal("Human; @mia @ravi; ops; 00:01:30; boss; 04:00:00; 2.00:00:00", Said(agent.People));
    }

    [Fact]
    [Trait("Accepts", "F7.3")]
    [Trait("Accepts", "P.5")]
    public void Give_an_intent_channels_of_its_own_and_let_an_approver_change_what_is_asked()
    {
        var agent = Read("""
            people: { channels: [ops, mail] }
            tools: [pay, deploy, request_human_input]
            gates: { pay: approval, deploy: approval }
            changes: [pay]
            channels: { request_human_input: managers }
            """);

        Assert.Equal(["pay True Caller; ; ; ; ; ; ", "deploy False Caller; ; ; ; ; ; "], agent.Intents.OfType<Tool>().Select(tool => $"{tool.Name} {tool.MayChange} {Said(tool.People)}"));
        Assert.Equal("Caller; ; ops mail; ; ; ; ", Said(agent.People));
        Assert.Equal("Caller; ; managers; ; ; ; ", Said(agent.Find("request_human_input")!.People.Within(agent.People)));
    }

    [Fact]
    [Trait("Accepts", "P.2")]
    public void Are_within_the_servers_policy_which_they_can_only_tighten()
    {
        var server = new PeoplePolicy(AnswerableBy.Human, Channels: ["inbox"], ExpiresAfter: TimeSpan.FromHours(1));
        var agent = new PeoplePolicy(AnswerableBy.Caller, Responders: ["@mia"], RemindAfter: TimeSpan.FromMinutes(5));

        Assert.Equal("Human; @mia; inbox; 00:05:00; ; ; 01:00:00", Said(agent.Within(server)));
    }

    private static string Said(PeoplePolicy people) =>
        $"{people.AnswerableBy}; {string.Join(' ', people.Responders ?? [])}; {string.Join(' ', people.Channels ?? [])}; {people.RemindAfter}; {people.EscalateTo}; {people.EscalateAfter}; {people.ExpiresAfter}";

    private static Microagent Read(string fields) => AgentFile.Parse("a.agent.md", $"---\nname: a\ndescription: d\n{fields}\n---\nx",
        new[] { World.Look, World.Pay, World.Deploy }.ToDictionary(tool => tool.Name));
}
