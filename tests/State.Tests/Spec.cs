using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests;

/// <summary>Given what happened, when something is asked, then exactly these events, compared as the lines the log stores.</summary>
internal sealed class Spec
{
    public static readonly ThreadId Id = ThreadId.Parse("thr_019ca8b9b6007000800000000000000a");
    private readonly AgentThread _thread;
    private IReadOnlyList<ThreadEvent> _decided = [];
    private Exception? _thrown;

    private Spec(AgentThread thread) => _thread = thread;

    public static Spec Given(params ThreadEvent[] log) => new(AgentThread.Fold(Id, log));

    public Spec When(ThreadCommand command)
    {
        _thrown = Record.Exception(() => _decided = ThreadDecider.Decide(_thread, command));
        return this;
    }

    public AgentThread Then(params string[] lines)
    {
        Assert.Null(_thrown);
        Assert.Equal(lines, _decided.Select(ThreadJson.Write));
        return _decided.Aggregate(_thread, AgentThread.Evolve);
    }

    public void ThenNothing() => Then();

    public void ThenRefused(RefusalCode code, string message)
    {
        var refused = Assert.IsType<RefusedException>(_thrown);
        Assert.Equal((code, message), (refused.Code, refused.Message));
    }
}
