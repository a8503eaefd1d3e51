using AgentMcp.Agents;
using AgentMcp.State.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Channels;

/// <summary>The channels of this process, and what they share.</summary>
internal sealed class HumanChannels
{
    private readonly Dispatcher _dispatcher;

    public HumanChannels(IReadOnlyList<ChannelSettings> settings, Database database, ThreadStore store, AgentHost host, Func<string?> site, TimeProvider clock, ILoggerFactory logs)
    {
        All = [.. settings.Select(one => one.Channel)];
        Outbox = new Outbox(database, store);
        Answers = new ChannelAnswers(host, store, Outbox);
        _dispatcher = new Dispatcher(All, Outbox, store, new Links(site, database.Path, clock), clock, logs.CreateLogger<Dispatcher>());
    }

    public IReadOnlyList<IHumanChannel> All { get; }

    public Outbox Outbox { get; }

    public ChannelAnswers Answers { get; }

    /// <summary>Sends what is owed until told to stop.</summary>
    public Task Run(CancellationToken stopping) => _dispatcher.Run(stopping);
}
