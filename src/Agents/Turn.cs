using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents;

/// <summary>
/// What has to be done next with a thread, told from its state and its agent alone. Limits and gates are decided
/// here, in one place, and no model has a say in them. Pure.
/// </summary>
public abstract record Turn
{
    private Turn()
    {
    }

    /// <summary>Nothing: the thread waits or has ended.</summary>
    public sealed record Park : Turn;

    /// <summary>Ask the model for the next step.</summary>
    public sealed record Think : Turn;

    /// <summary>It follows from the state alone.</summary>
    public sealed record Follow(ThreadCommand Command) : Turn;

    /// <summary>Find out what exactly the gated call would do, then ask, or run it if just that was approved.</summary>
    public sealed record Gate(Tool Tool, Call Call) : Turn;

    /// <summary>Run the tool.</summary>
    public sealed record Run(Tool Tool, Call Call) : Turn
    {
        /// <summary>Not here: only another process can go on with what was said.</summary>
        public bool IsLeft(AgentThread thread) => Call is { Relayed: not null, Attempt: 0 } && Tool.Elsewhere?.IsLeft(ToolRunner.CallOf(thread, Call)) == true;
    }

    /// <summary>Something beside the steps, so that the next one is well decided.</summary>
    public abstract record Side : Turn
    {
        private protected Side()
        {
        }
    }

    /// <summary>Fetch the facts the agent asks for before it decides.</summary>
    public sealed record Fetch : Side;

    /// <summary>Ask the judge about the chosen step.</summary>
    public sealed record Judge(Call Call) : Side;

    /// <summary>Put a summary in the place of these events in every later prompt; of one event when both are the same.</summary>
    public sealed record Shorten(int From, int To) : Side;

    /// <summary>Whether taking it asks and touches nothing outside, so that what led to it need not be on disk first.</summary>
    public bool IsPure(IModel model) => this switch
    {
        Follow => true,
        Think => model.IsPure,
        Gate { Tool: { Preview: null } tool, Call: var call } => call.Approval is null || tool.IsPure,
        Run { Tool: var tool } => tool.IsPure,
        _ => false,
    };

    /// <param name="log">Read where a person must be told what happened, and where the agent has its context prepared.</param>
    public static Turn Next(AgentThread thread, IReadOnlyList<ThreadEvent> log, Microagent agent, PeoplePolicy server, DateTimeOffset now) => thread.State switch
    {
        Thinking when Migration.Question(thread, agent, server, now) is { } changed => new Follow(changed),
        Thinking s => Limit(thread, log, agent, server, now) is { } ask ? new Follow(ask) : Decide(s, log, agent, now),
        Chosen { Call: var call } when Judging.IsAwaited(agent, call) => new Judge(call),
        _ => OfCall(thread.State, agent.Find, agent.People.Within(server), now),
    };

    /// <summary>What has to be done next with one call: an agent's only one, or one of a workflow's.</summary>
    internal static Turn OfCall(ThreadState state, Func<string, Intent?> find, PeoplePolicy by, DateTimeOffset now) => state switch
    {
        Chosen { Call: var call } => OfIntent(Judging.Routed(find(call.Intent), call), call, by, now),
        Approved { Call: var call } => find(call.Intent) is Tool tool ? new Gate(Routed(tool), call) : Gone(call, now),
        Resuming { Call: var call } => find(call.Intent) is Tool tool ? new Run(Routed(tool), call) : Gone(call, now),
        Acting { Call: var call } => find(call.Intent) is Tool tool ? CutOff(Routed(tool), call, by, now) : Gone(call, now),
        _ => new Park(),
    };

    // A step that was given already was decided on what was known then.
    private static Turn Decide(Thinking thinking, IReadOnlyList<ThreadEvent> log, Microagent agent, DateTimeOffset now) =>
        thinking.Reply is not null ? new Think()
            : Facts.AreDue(agent, log, now) ? new Fetch()
            : (Turn?)Summaries.Due(agent, log) ?? new Think();

    internal static OpenARequest? Limit(AgentThread thread, IEnumerable<ThreadEvent> log, Microagent agent, PeoplePolicy server, DateTimeOffset now)
    {
        var by = agent.People.Within(server);
        if (thread.ErrorsInRow.Count >= agent.Limits.ErrorsInRow)
        {
            return by.Ask(new(now, RequestKind.Question, $"{agent.Name} failed {thread.ErrorsInRow.Count} times in a row. What should it do?",
                LimitNotes.Errors(log, thread.ErrorsInRow.Count)));
        }

        return Judging.Stuck(thread, log, agent, by, now) ?? Budgets.Reached(thread, log, agent, by, now);
    }

    private static Turn OfIntent(Intent? intent, Call call, PeoplePolicy by, DateTimeOffset now) => intent switch
    {
        // Of one that is gone nobody need be asked first: it says so itself.
        Tool { Route: Route.Run or Route.DryRun } or Tool { Route: Route.Approve, IsGone: true } => new Run(Routed((Tool)intent), call),
        Tool { Route: Route.Delegate } tool => new Follow(tool.People.Within(by).Ask(new(now, RequestKind.ExternalResult,
            $"Please do {tool.Name} and answer with its result.", call.Arguments.Text))),
        Tool tool => new Gate(tool, call),
        Ask ask => ask.Form(call.Arguments) is var asked
            ? new Follow(ask.People.Within(by).Ask(new(now, RequestKind.Question, asked.Text, asked.Context, asked.Schema, asked.Options)))
            : new Park(),
        Done done => new Follow(new CompleteThread(now, call.Arguments, done.People.Channels)),
        Sleep => new Follow(new OpenARequest(now, RequestKind.Sleep, FormattableString.Invariant($"Waits for {Seconds(call)} s."), DueAt: now.AddSeconds(Seconds(call)))),
        _ => Gone(call, now),
    };

    // The log says started and nothing more: the process died in between, or its outcome was never learnt.
    private static Turn CutOff(Tool tool, Call call, PeoplePolicy by, DateTimeOffset now) => tool.Effect switch
    {
        Effect.Effectful => new Follow(InDoubt(tool, call, by, now, "The process stopped after the call was started and before its outcome was stored.")),
        // Started before it was gated: it is run again only with leave.
        _ when tool.Route == Route.Approve && call.Approval is null => new Gate(tool, call),
        _ when call.Attempt >= tool.Attempts => new Follow(new FailTool(now, $"{tool.Name} was cut off {call.Attempt} times and is not tried again.")),
        _ => new Run(tool, call),
    };

    public static OpenARequest InDoubt(Tool tool, Call call, PeoplePolicy by, DateTimeOffset now, string facts)
    {
        var needed = tool.Result?.Json is { Text: not "{}" } schema ? schema : (JsonText?)null;
        return tool.People.Within(by).Ask(new(
            now, RequestKind.InDoubt, $"{tool.Name} was cut off and nobody knows whether it happened. What became of it?",
            $"{facts}\nArguments: {call.Bound}\nAttempt: {call.Attempt}{(needed is { } returns ? $"\nWhat it returns: {returns}" : "")}",
            needed is { } result ? InDoubtAnswer.SchemaFor(result) : InDoubtAnswer.Schema, InDoubtAnswer.Options, ActionDigest.Bind(tool.Name, call.Bound)));
    }

    public static AnswerableBy Strictest(AnswerableBy one, AnswerableBy other) => (AnswerableBy)Math.Max((int)one, (int)other);

    private static Follow Gone(Call call, DateTimeOffset now) =>
        new(new FailTool(now, $"{call.Intent} is no longer a tool of this agent."));

    private static double Seconds(Call call) => call.Arguments.Element().GetProperty("seconds").GetDouble();

    // A rehearsal does nothing, so cutting one off leaves no doubt; and a call that was cut off is still only rehearsed.
    private static Tool Routed(Tool tool) => tool.Route == Route.DryRun ? tool with { Run = Rehearse, Effect = Effect.ReadOnly } : tool;

    private static Task<ToolOutcome> Rehearse(ToolCall call, CancellationToken cancellation) => Task.FromResult<ToolOutcome>(
        new ToolOutcome.Returned(JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("dry_run", true);
            writer.WritePropertyName("would_run_with");
            writer.WriteRawValue(call.Arguments.Text);
            writer.WriteEndObject();
        })));
}
