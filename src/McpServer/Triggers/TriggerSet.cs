using AgentMcp.Agents;
using AgentMcp.Server.Channels;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Triggers;

/// <summary>The triggers of this process, and what they share.</summary>
internal sealed class TriggerSet
{
    private readonly Intake _intake;
    private readonly Places _places;

    public TriggerSet(IReadOnlyList<TriggerSettings> settings, Database database, ThreadStore store, AgentHost host, HumanChannels channels, TimeProvider clock, ILoggerFactory logs)
    {
        All = [.. settings.Select(one => one.Trigger)];
        Arrivals = new Arrivals(database, store);
        _places = new Places(database);
        _intake = new Intake(settings, Arrivals, _places, host, store, channels, clock, logs.CreateLogger<Intake>());
    }

    public IReadOnlyList<ITrigger> All { get; }

    public Arrivals Arrivals { get; }

    public bool Knows(ITrigger trigger, string conversation) => _places.Find(trigger.Name, conversation) is not null || Arrivals.IsExpected(trigger.Name, conversation);

    /// <summary>What can be told to be wrong at once, before a message is stored.</summary>
    /// <exception cref="RefusedException">The message would lead to nothing.</exception>
    public void Check(ITrigger trigger, Incoming what) => _intake.Check(trigger.Name, what);

    /// <summary>Works on what came in until told to stop.</summary>
    public Task Run(CancellationToken stopping) => _intake.Run(stopping);
}
