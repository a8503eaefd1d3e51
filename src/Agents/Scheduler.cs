using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents;

/// <summary>
/// Starts agents when they are due. Any number of processes may look: each due time starts one thread. What was missed
/// while nobody looked is caught up with once, however often it was. Thread-safe.
/// </summary>
public sealed class Scheduler(MicroagentCatalog catalog, AgentHost host, Schedules schedules, string principal, TimeProvider clock, ILogger<Scheduler> logger)
{
    public const string Channel = "schedule";

    // Clocks of processes may be so far apart. Were one to take back what the other has just planned, both would fire at every look.
    private static readonly TimeSpan FurthestApart = TimeSpan.FromDays(1);

    private readonly Troubles _unstarted = new();

    /// <summary>Plans what is new and fires what is due.</summary>
    /// <param name="stop">Then no more is begun.</param>
    public async Task Look(CancellationToken stop = default)
    {
        List<Microagent> scheduled = [.. catalog.All.Where(agent => agent.Schedule is not null)];
        if (scheduled.Count == 0)
        {
            return;
        }

        var plans = schedules.All().ToDictionary(planned => planned.Agent);
        var now = clock.GetUtcNow();
        foreach (var agent in scheduled)
        {
            stop.ThrowIfCancellationRequested();
            var schedule = agent.Schedule!;
            if (schedule.After(now) is not { } next)
            {
                continue;
            }

            if (!plans.TryGetValue(agent.Name, out var planned) || planned.Expression != schedule.Expression)
            {
                await schedules.Plan(agent.Name, schedule.Expression, next).ConfigureAwait(false);
            }
            else if (planned.Due <= now)
            {
                await Fire(agent, schedule, new(planned, next)).ConfigureAwait(false);
            }
            else if (planned.Due > schedule.After(now + FurthestApart) && (planned.FiredFor == next ? schedule.After(next) : next) is { } due && due < planned.Due)
            {
                // A clock that was ahead planned it, and until that one's date the agent would be silent. What it has fired for is over.
                await schedules.Correct(planned, due).ConfigureAwait(false);
                logger.LogWarning("{Agent} was planned for {Planned:u} by a clock that was ahead; it is due {Due:u}", agent.Name, planned.Due, due);
            }
        }
    }

    private async Task Fire(Microagent agent, Schedule schedule, Fired due)
    {
        try
        {
            var thread = await host.Start(agent.Name, schedule.Input ?? Nothing(agent), new Responder(principal, Channel),
                trigger: Schedule.Tag, cause: due, shown: schedule.Shown(due.Planned.Due)).ConfigureAwait(false);
            _unstarted.Over(agent.Name);
            logger.LogInformation("{Agent} was due {Due:u} and is {Thread}", agent.Name, due.Planned.Due, thread);
        }
        catch (UsedUpException)
        {
            logger.LogDebug("{Agent} was due and was started by another process", agent.Name);
        }
        catch (Exception e) when (DatabaseException.IsOfOnePlace(e))
        {
            // Its file was changed since it was looked at, or a server it needs is down; what is there next time counts. Others are due too.
            if (_unstarted.Note(agent.Name, e.Message))
            {
                logger.LogWarning("{Agent} is due and cannot be started: {Reason}", agent.Name, e.Message);
            }
        }
    }

    /// <summary>The input of an agent that needs none: it is shown when it was due instead.</summary>
    internal static JsonText Nothing(Microagent agent) =>
        JsonText.Parse("{}") is var none && JsonSchemas.Violation(agent.Input, none) is null ? none : JsonText.Parse("""{"message":"due"}""");
}
