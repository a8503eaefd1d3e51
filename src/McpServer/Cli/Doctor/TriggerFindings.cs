using AgentMcp.Agents;
using AgentMcp.Agents.Models;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Triggers;

namespace AgentMcp.Server.Cli.Doctor;

/// <summary>The triggers that are configured and the agents that have a schedule; and those that would start nothing.</summary>
internal static class TriggerFindings
{
    public static IEnumerable<Finding> Of(Settings settings, MicroagentCatalog catalog) =>
        settings.Triggers.SelectMany(trigger => Of(trigger, settings, catalog)).Concat(catalog.All.Where(agent => agent.Schedule is not null).SelectMany(agent => Of(agent, settings)));

    private static IEnumerable<Finding> Of(TriggerSettings trigger, Settings settings, MicroagentCatalog catalog)
    {
        const string Name = "triggers";
        yield return Finding.Ok(Name, $"{trigger.Name}: {trigger.Shown()}; POST /triggers/{trigger.Name} of agentmcp http");
        foreach (var agent in trigger.Starts)
        {
            if (catalog.All.FirstOrDefault(known => known.Name == agent) is not { } known)
            {
                yield return Finding.Broken(Name, $"{trigger.Name} starts the agent '{agent}', which is not there; there are {string.Join(", ", catalog.All.Select(one => one.Name))}. What comes in for it is refused.");
            }
            else if (WaitsForSteps(known, settings))
            {
                yield return Finding.Note(Name, $"{trigger.Name} starts {agent}, {Waits(known, settings)}");
            }
        }
    }

    private static IEnumerable<Finding> Of(Microagent agent, Settings settings)
    {
        const string Name = "schedules";
        var schedule = agent.Schedule!;
        yield return Finding.Ok(Name, $"{agent.Name}: {schedule.Text} in {schedule.Zone.Id}, next {(schedule.After(TimeProvider.System.GetUtcNow()) is { } next ? schedule.Local(next) : "never")}");
        if (WaitsForSteps(agent, settings))
        {
            yield return Finding.Note(Name, $"{agent.Name} starts by itself, {Waits(agent, settings)}");
        }
    }

    private static string Waits(Microagent agent, Settings settings) =>
        $"and its model is {agent.Model ?? settings.Models.Model ?? CallerModel.Sampling}: nobody calls it, so its threads wait until somebody chooses their steps. Set a model for it.";

    private static bool WaitsForSteps(Microagent agent, Settings settings) => agent.Flow is null && new ModelChoice(settings.Models, TimeProvider.System).IsCaller(agent.Model);
}
