using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>
/// The world of one replay: a model and tools that say again what the case says they said, and touch nothing. What the
/// case does not say ends the run, so that whoever replays can put in what came from outside.
/// </summary>
internal sealed class Playback(Case recorded) : IModel
{
    private readonly Dictionary<int, Prompt> _prompts = [];
    private RunStop _stop = null!;
    private int _version;

    public string Name { get; private set; } = "";

    /// <summary>What the model was shown for each step, by version.</summary>
    public IReadOnlyDictionary<int, Prompt> Prompts => _prompts;

    /// <summary>A call the case has no outcome of.</summary>
    public string? Unrecorded { get; private set; }

    /// <summary>The next run goes on from this version and is stopped by this.</summary>
    public void Begin(int version, RunStop stop) => (_version, _stop) = (version, stop);

    public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
    {
        var version = turn.Log.Thread.Version + 1;
        var output = recorded.At(version) is StepChosen or StepRejected ? recorded.Output(version) : null;
        switch (recorded.At(version))
        {
            case StepChosen e when output is not null:
                return Say(turn, version, output, e.Model, e.Usage);
            case StepRejected e when output is not null:
                return Say(turn, version, output, e.Model, e.Usage);
            case RequestOpened { Kind: RequestKind.NextStep }:
                return Task.FromResult<ModelReply>(new ModelReply.AskCaller());
            default:
                return Task.FromException<ModelReply>(Stop());
        }
    }

    /// <summary>The agent with its tools replaced. Results come as they were kept, so they are not cut again.</summary>
    /// <param name="today">The agent as it is, if there is one: which of its gated tools look before they ask.</param>
    public Microagent Of(Microagent agent, Microagent? today) => agent with
    {
        IsGone = false,
        Limits = agent.Limits with { ToolOutput = int.MaxValue },
        Intents = [.. agent.Intents.Select(intent => intent is not Tool tool ? intent : tool with
        {
            IsGone = false,
            Run = (call, _) => Run(tool.Name, call),
            Preview = today?.FindTool(tool.Name) is { Preview: null } ? null : (call, _) => Look(call),
        })],
    };

    /// <summary>The agent as the thread goes on under it from here. Pinned while a tool was gone it runs without that, and nobody is asked for leave to call it.</summary>
    public Microagent From(Microagent agent, AgentThread thread) => thread.Definition.IsPinned ? agent with
    {
        Intents = [.. agent.Intents.Select(intent => intent is Tool tool && WasGone(tool.Name, thread.Version) ? tool with { IsGone = true } : intent)],
    } : agent;

    // Where somebody was asked for leave later on, it was there again.
    private bool WasGone(string tool, int version)
    {
        var asked = recorded.Events.Take(version).ToList().FindLastIndex(happened => happened is RequestOpened { Gone: not null });
        return asked >= 0 && ((RequestOpened)recorded.Events[asked]).Gone!.Contains(tool)
            && !recorded.Events.Skip(asked).Any(happened => happened is RequestOpened { Kind: RequestKind.Approval, Action: { } action } && action.Tool == tool);
    }

    private Task<ModelReply> Say(ModelTurn turn, int version, string output, string model, Usage? usage)
    {
        Name = model;
        _prompts[version] = turn.Prompt;
        _version = version;
        StopBefore(version + 1);
        return Task.FromResult<ModelReply>(new ModelReply.Said(output, usage));
    }

    private Task<ToolOutcome> Run(string tool, ToolCall call)
    {
        var started = Enumerable.Range(1, recorded.Events.Count)
            .FirstOrDefault(version => recorded.At(version) is ToolStarted e && e.Call == call.Id && e.Attempt == call.Attempt);
        if (started == 0)
        {
            Unrecorded = $"{tool} {call.Arguments} would run now, and the case holds no output of it. Tools are never run in a replay.";
        }

        StopBefore(started + 2);
        return started == 0 ? Task.FromException<ToolOutcome>(Stop()) : recorded.At(started + 1) switch
        {
            ToolReturned e => Task.FromResult<ToolOutcome>(new ToolOutcome.Returned(e.Result)),
            ToolFailed e => Task.FromException<ToolOutcome>(new ToolException(e.Error)),
            RequestOpened { Kind: RequestKind.ExternalResult } e => Task.FromResult<ToolOutcome>(new ToolOutcome.Deferred(e.Question, e.Context, e.Schema)),
            _ => Task.FromException<ToolOutcome>(Stop()),
        };
    }

    // A gate is met first thing in a run, or right after a step was chosen.
    private Task<Preview> Look(ToolCall call) => recorded.At(_version + 1) switch
    {
        RequestOpened { Action: { } action } e => Task.FromResult(new Preview(action.Arguments, Bare(e.Question), e.Context, e.Options)),
        ToolFailed e => Task.FromException<Preview>(new ToolException(e.Error)),
        ToolStarted => Task.FromResult(new Preview(call.Arguments, "")),
        _ => Task.FromException<Preview>(Stop()),
    };

    // The loop puts its own words before what a tool asks.
    private static string Bare(string question) =>
        question.Replace(ToolRunner.Unjudged, "", StringComparison.Ordinal).Replace(ToolRunner.Changed, "", StringComparison.Ordinal);

    // What comes from outside, or where the record ends, is no business of the loop.
    private void StopBefore(int version)
    {
        if (recorded.At(version) is not { } next || Outside.Is(next))
        {
            _stop.AfterThisStep();
        }
    }

    private OperationCanceledException Stop()
    {
        _stop.Now();
        return new OperationCanceledException(_stop.Token);
    }
}
