using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>Does what <see cref="Turn.Side"/> asks for. Whatever comes of it is a command; only being told to stop is null.</summary>
internal sealed class SideWork(TimeProvider clock)
{
    private readonly Fetching _fetching = new(clock);

    public Task<ThreadCommand?> Do(Turn.Side turn, ThreadLog log, Microagent agent, CancellationToken stop) => turn switch
    {
        Turn.Fetch => _fetching.All(agent, log.Thread, stop),
        _ => throw new InvalidOperationException(turn.GetType().Name),
    };
}
