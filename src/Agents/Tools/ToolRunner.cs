using AgentMcp.Agents.Telemetry;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tools;

/// <summary>
/// Runs one call and turns whatever comes of it into a command: a result, a compact error, a pause, a doubt. Being told
/// to stop comes back as null: nothing is known then, and the caller decides what to record. So does a call whose outcome
/// is not known and that does no harm twice: it goes on as after a crash.
/// </summary>
public sealed class ToolRunner(TimeProvider clock, Relays relays)
{
    /// <summary>What a question begins with when it was approved once and no longer holds.</summary>
    internal const string Changed = "Things changed since this was approved. ";

    /// <summary>What it begins with when a judge should have looked and did not.</summary>
    internal const string Unjudged = "The judge gave no verdict on this. ";

    /// <summary>Asks for approval of what exactly would be done, or starts the call if just that was approved.</summary>
    /// <param name="isPickedUp">Whoever ran the thread before may be dead of the preview.</param>
    public async Task<ThreadCommand?> Gate(Tool tool, AgentThread thread, Call call, PeoplePolicy by, bool isPickedUp, CancellationToken stop)
    {
        try
        {
            var preview = tool.Preview is { } look
                ? await relays.Run(thread.Id, call.Id, isPickedUp, () => Aside(tool, cancellation => look(CallOf(thread, call), cancellation), stop).WaitAsync(tool.Timeout, clock, stop), stop).ConfigureAwait(false)
                : new Preview(call.Bound, $"Run {tool.Name} with {Spoken(call.Bound)}?");
            var action = ActionDigest.Bind(tool.Name, preview.Arguments);
            var now = clock.GetUtcNow();
            return call.Approval?.Digest == action.Digest
                ? new StartTool(now)
                : tool.People.Within(by).Ask(new(now, RequestKind.Approval,
                    (call.Judged == Verdict.None ? Unjudged : "") + (call.Approval is null ? "" : Changed) + preview.Question,
                    preview.Context, Options: preview.Options ?? tool.RejectOptions, Action: action, Changes: tool.MayChange ? tool.Arguments : null));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (ToolException e) when (e.Message == Unmarked.GivenUp)
        {
            return new FailTool(clock.GetUtcNow(), $"nothing was done, for it could not be found out what exactly would be: {e.Message}");
        }
        catch (Exception e) when (e is not DatabaseException)
        {
            return new FailTool(clock.GetUtcNow(), ErrorText.Of(e));
        }
    }

    public Task<ThreadCommand?> Run(Tool tool, AgentThread thread, Call call, Microagent agent, PeoplePolicy by, ChildThreads? children, CancellationToken stop) =>
        Tracing.IsOn ? Traced(tool, thread, call, agent, by, children, stop) : Do(tool, thread, call, agent, by, children, stop);

    private Task<ThreadCommand?> Traced(Tool tool, AgentThread thread, Call call, Microagent agent, PeoplePolicy by, ChildThreads? children, CancellationToken stop) =>
        ToolSpan.Around(tool, thread, call, () => Do(tool, thread, call, agent, by, children, stop));

    private async Task<ThreadCommand?> Do(Tool tool, AgentThread thread, Call call, Microagent agent, PeoplePolicy by, ChildThreads? children, CancellationToken stop)
    {
        CallersTrace.Carry(thread);
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task<ToolOutcome>? run = null;
        // Null also while the tool blocks. It ends a moment before its run does.
        Task<ToolOutcome>? work = null;
        try
        {
            if (call.Attempt > 1 && children?.Begun(thread, call) is { } begun)
            {
                return begun;
            }

            await (tool.Elsewhere?.FromTheStart == true && call.Relayed is null ? Watched() : Task.CompletedTask).ConfigureAwait(false);
            run = Aside(tool, cancellation => work = tool.Run(CallOf(thread, call) with { Effect = tool.Effect }, cancellation), timed.Token);
            var outcome = await run.WaitAsync(tool.Timeout, clock, stop).ConfigureAwait(false);
            return outcome switch
            {
                ToolOutcome.Returned { Result: var result } => new ReturnTool(clock.GetUtcNow(), Bounded(result, agent.Limits.ToolOutput)),
                ToolOutcome.Deferred job => new OpenARequest(clock.GetUtcNow(), RequestKind.ExternalResult, job.Question, job.Context, job.Schema,
                    AnswerableBy: tool.AnswerableBy),
                ToolOutcome.Asked asked => await PassedOn(asked).ConfigureAwait(false),
                ToolOutcome.Child child => await children!.Start(thread, call, agent, tool.People.Within(by), child).ConfigureAwait(false),
                _ => throw new InvalidOperationException(outcome.GetType().Name),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (OutcomeUnknownException) when (tool.Effect != Effect.Effectful && call.Attempt < tool.Attempts)
        {
            return null;
        }
        catch (OutcomeUnknownException e) when (tool.Effect == Effect.Effectful)
        {
            return Turn.InDoubt(tool, call, by, clock.GetUtcNow(), ErrorText.Of(e));
        }
        catch (TimeoutException) when (GoesOn() && tool.Effect == Effect.Effectful)
        {
            await timed.CancelAsync().ConfigureAwait(false);
            return Turn.InDoubt(tool, call, by, clock.GetUtcNow(), $"It did not end within {tool.Timeout.TotalSeconds:0} s.");
        }
        catch (TimeoutException) when (GoesOn())
        {
            await timed.CancelAsync().ConfigureAwait(false);
            return new FailTool(clock.GetUtcNow(), $"it did not end within {tool.Timeout.TotalSeconds:0} s");
        }
        // It ended just as its time did: what it did counts.
        catch (TimeoutException) when (work is { IsCompletedSuccessfully: true })
        {
            return await Do(tool with { Run = (_, _) => work }, thread, call, agent, by, children, stop).ConfigureAwait(false);
        }
        // A child that may have been started is not given up because the database failed for a moment.
        catch (Exception e) when (e is not DatabaseException)
        {
            return new FailTool(clock.GetUtcNow(), ErrorText.Of(e));
        }

        bool GoesOn() => run is { IsCompleted: false } && work is not { IsCompleted: true };

        // Before anything is under way elsewhere it is noted that somebody has to look after it.
        Task Watched(bool isNew = true) => tool.Elsewhere is null ? Task.CompletedTask
            : isNew ? relays.Begin(thread.Id, call.Id, clock.GetUtcNow()) : relays.Again(thread.Id, call.Id, clock.GetUtcNow());

        async Task<OpenARequest> PassedOn(ToolOutcome.Asked asked)
        {
            // Where nothing has come of it yet, it is tried again ever more seldom.
            await Watched(isNew: asked.Relay.Continuation != call.Relayed?.Continuation).ConfigureAwait(false);
            var request = new OpenARequest(clock.GetUtcNow(), asked.Kind, asked.Question, asked.Context, asked.Schema, asked.Options, asked.Action,
                DueAt: asked.DueAt, Changes: asked.Changes, Relay: asked.Relay);
            // Of a wait, and of a step that the caller is to choose, no person is told.
            var told = asked.Kind is RequestKind.Child or RequestKind.NextStep ? request : tool.People.Within(by).Ask(request);
            return told with { AnswerableBy = Turn.Strictest(told.AnswerableBy, asked.AnswerableBy) };
        }
    }

    // "a 3, b 4": short enough for one question; the action beside it has the exact arguments.
    private static string Spoken(JsonText arguments) =>
        string.Join(", ", arguments.Element().EnumerateObject().Select(member => $"{member.Name} {member.Value}")) is var text && text.Length <= 200
            ? text
            : "these arguments";

    // A tool may block before it awaits anything, or without ever doing so: its time would not run, and its thread could not be
    // stopped. What only computes is spared the way. What is over before it came to begin is not begun any more.
    internal static Task<T> Aside<T>(Tool tool, Func<CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        tool.IsPure ? work(cancellation) : Task.Run(() => work(cancellation), cancellation);

    internal static ToolCall CallOf(AgentThread thread, Call call) =>
        new(thread.Id, call.Id, call.Id.IdempotencyKey(thread.Id), call.Bound, call.Attempt, call.At, call.Relayed);

    private const string Truncated = "truncated";

    internal static JsonText Bounded(JsonText result, int most) => result.Text.Length <= most
        ? result
        : JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString(Truncated, $"The result has {result.Text.Length} characters; these are the first {most}.");
            writer.WriteString("text", result.Text.AsSpan(0, char.IsHighSurrogate(result.Text[most - 1]) ? most - 1 : most));
            writer.WriteEndObject();
        });

    /// <summary>What is said of a result of which only the beginning was kept; null of any other.</summary>
    internal static string? Cut(JsonText result) => result.Text.StartsWith($"{{\"{Truncated}\":\"The result has ", StringComparison.Ordinal)
        ? result.Element().GetProperty(Truncated).GetString() : null;
}
