using AgentMcp.Agents;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Channels;

/// <summary>The channels of this process, and what they share.</summary>
internal sealed class HumanChannels
{
    private static readonly TimeSpan SayTime = TimeSpan.FromSeconds(15);

    private readonly Dispatcher _dispatcher;
    private readonly TimeProvider _clock;

    public HumanChannels(IReadOnlyList<ChannelSettings> settings, Database database, ThreadStore store, AgentHost host, Func<string?> site, TimeProvider clock, ILoggerFactory logs)
    {
        _clock = clock;
        All = [.. settings.Select(one => one.Channel)];
        Outbox = new Outbox(database, store);
        Answers = new ChannelAnswers(host, store, Outbox);
        var log = logs.CreateLogger<Dispatcher>();
        foreach (var channel in All)
        {
            channel.LogTo(log);
        }

        _dispatcher = new Dispatcher(All, Outbox, store, new Links(site, database.Path, clock), clock, log);
    }

    public IReadOnlyList<IHumanChannel> All { get; }

    public Outbox Outbox { get; }

    public ChannelAnswers Answers { get; }

    /// <inheritdoc cref="Outbox.Escalate"/>
    public async Task<TimeSpan?> Escalate(ThreadId thread, RequestId request, string channel, string note)
    {
        var wait = await Outbox.Escalate(thread, request, channel, note, _clock.GetUtcNow()).ConfigureAwait(false);
        _dispatcher.LookAgain();
        return wait;
    }

    /// <inheritdoc cref="IHumanChannel.Say"/>
    /// <param name="channel">Its name; nothing is said where there is none.</param>
    public async Task Say(string? channel, JsonText place, string words)
    {
        using var limit = new CancellationTokenSource(SayTime, _clock);
        await (All.FirstOrDefault(one => one.Name == channel)?.Say(place, words, limit.Token) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    /// <summary>Sends what is owed until told to stop.</summary>
    public Task Run(CancellationToken stopping) => _dispatcher.Run(stopping);
}
