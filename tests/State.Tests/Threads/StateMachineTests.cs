using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests.Threads;

public class StateMachineTests
{
    // Reads like the diagram in docs/threads.md, which DocsTests compares with the code as well.
    private static readonly string[] Expected =
    [
        "Acting -> Acting: answer_refused",
        "Acting -> Acting: delivery_failed",
        "Acting -> Acting: thread_forked",
        "Acting -> Acting: tool_started",
        "Acting -> Cancelled: thread_cancelled",
        "Acting -> Failed: thread_failed",
        "Acting -> Thinking: tool_failed",
        "Acting -> Thinking: tool_returned",
        "Acting -> Waiting: request_opened",
        "Approved -> Acting: tool_started",
        "Approved -> Approved: answer_refused",
        "Approved -> Approved: delivery_failed",
        "Approved -> Cancelled: thread_cancelled",
        "Approved -> Chosen: thread_forked",
        "Approved -> Failed: thread_failed",
        "Approved -> Thinking: tool_failed",
        "Approved -> Waiting: request_opened",
        "Cancelled -> Cancelled: answer_refused",
        "Cancelled -> Cancelled: delivery_failed",
        "Cancelled -> Cancelled: thread_forked",
        "Chosen -> Acting: tool_started",
        "Chosen -> Cancelled: thread_cancelled",
        "Chosen -> Chosen: answer_refused",
        "Chosen -> Chosen: delivery_failed",
        "Chosen -> Chosen: step_judged",
        "Chosen -> Chosen: thread_forked",
        "Chosen -> Completed: thread_completed",
        "Chosen -> Failed: thread_failed",
        "Chosen -> Thinking: step_judged",
        "Chosen -> Thinking: tool_failed",
        "Chosen -> Thinking: tool_returned",
        "Chosen -> Waiting: request_opened",
        "Completed -> Completed: answer_refused",
        "Completed -> Completed: delivery_failed",
        "Completed -> Completed: thread_forked",
        "Completed -> Thinking: message_received",
        "Failed -> Failed: answer_refused",
        "Failed -> Failed: delivery_failed",
        "Failed -> Failed: thread_forked",
        "NotStarted -> Thinking: thread_started",
        "NotStarted -> Working: thread_started",
        "Resuming -> Acting: tool_started",
        "Resuming -> Cancelled: thread_cancelled",
        "Resuming -> Failed: thread_failed",
        "Resuming -> Resuming: answer_refused",
        "Resuming -> Resuming: delivery_failed",
        "Resuming -> Resuming: thread_forked",
        "Resuming -> Thinking: tool_failed",
        "Thinking -> Cancelled: thread_cancelled",
        "Thinking -> Chosen: step_chosen",
        "Thinking -> Failed: thread_failed",
        "Thinking -> Thinking: answer_refused",
        "Thinking -> Thinking: definition_changed",
        "Thinking -> Thinking: delivery_failed",
        "Thinking -> Thinking: fetched",
        "Thinking -> Thinking: step_rejected",
        "Thinking -> Thinking: summarised",
        "Thinking -> Thinking: thread_forked",
        "Thinking -> Waiting: request_opened",
        "Waiting -> Acting: request_answered",
        "Waiting -> Approved: request_answered",
        "Waiting -> Cancelled: thread_cancelled",
        "Waiting -> Chosen: request_answered",
        "Waiting -> Resuming: request_answered",
        "Waiting -> Resuming: request_expired",
        "Waiting -> Resuming: request_withdrawn",
        "Waiting -> Thinking: request_answered",
        "Waiting -> Thinking: request_expired",
        "Waiting -> Thinking: sleep_ended",
        "Waiting -> Waiting: answer_refused",
        "Waiting -> Waiting: delivery_failed",
        "Waiting -> Waiting: thread_forked",
        "Working -> Cancelled: thread_cancelled",
        "Working -> Completed: thread_completed",
        "Working -> Failed: thread_failed",
        "Working -> Working: answer_refused",
        "Working -> Working: delivery_failed",
        "Working -> Working: request_answered",
        "Working -> Working: request_expired",
        "Working -> Working: request_opened",
        "Working -> Working: request_withdrawn",
        "Working -> Working: sleep_ended",
        "Working -> Working: step_chosen",
        "Working -> Working: thread_forked",
        "Working -> Working: thread_parked",
        "Working -> Working: tool_failed",
        "Working -> Working: tool_returned",
        "Working -> Working: tool_started",
    ];

    [Fact]
    [Trait("Accepts", "F5.1")]
    public void Every_event_leads_where_the_table_says_and_nowhere_else() =>
        Assert.Equal(Expected, Transitions.All().Where(t => t.To is not null).Select(t => $"{t.From} -> {t.To}: {t.Event}").Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void An_event_that_cannot_follow_is_named_with_the_state_it_met()
    {
        var e = Assert.Throws<InvalidDataException>(() => AgentThread.Fold(Spec.Id, [Happened.Started, Happened.Returned()]));
        Assert.Equal("Event 2 (ToolReturned) cannot happen to a thread that is Thinking.", e.Message);
    }

    [Fact]
    public void A_tool_cannot_start_for_another_call_than_the_open_one()
    {
        var e = Assert.Throws<InvalidDataException>(() => AgentThread.Fold(Spec.Id, [Happened.Started, Happened.Chose(), Happened.Began(call: 7)]));
        Assert.Equal("call_7 was started while call_2 is the open call.", e.Message);
    }
}
