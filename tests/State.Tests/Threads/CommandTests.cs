using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class CommandTests
{
    private static readonly string[] States = ["NotStarted", "Thinking", "Chosen", "Approved", "Acting", "Resuming", "Waiting", "Working", "Working at a step", "Working while it asks", "Working, and parked", "Completed", "Failed", "Cancelled"];

    internal static readonly ThreadCommand[] Commands =
    [
        new StartThread(Ten, "deploybot", "sha256:d1", JsonText.Null, "local", "stdio"),
        new ChooseStep(Ten, "tag_push", JsonText.Null, "rules"),
        new RejectStep(Ten, "no such intent", "rules"),
        new AddFacts(Ten, [new("list_tags", JsonText.Null, JsonText.Null)]),
        new JudgeStep(Ten, Verdict.Pass, "as asked", "rules"),
        new Summarise(Ten, 1, 1, "it was quiet", "rules"),
        new StartTool(Ten),
        new ReturnTool(Ten, JsonText.Null),
        new FailTool(Ten, "remote hung up"),
        new OpenARequest(Ten, RequestKind.Question, "Which one?"),
        Said.Yes(),
        Said.Words("\"the blue one\""),
        new EndChild(Ten, Spec.Id, JsonText.Null, null, new(1, 0)),
        new ReportFailedDelivery(Ten, new(3), "ops", "the server answered 503"),
        new LeaveOpen(Ten, new(3), "mia", "elicitation", "the form was closed"),
        new WithdrawRequest(Ten, new(3), "it was settled where it came from"),
        new PassTime(Ten),
        new OfCall(new(2), new FailTool(Ten, "remote hung up")),
        new ParkThread(Ten),
        new CompleteThread(Ten, JsonText.Null),
        new FailThread(Ten, "the key was refused"),
        new CancelThread(Ten, "mia", "stdio"),
        new ForkThread(Ten, Spec.Id, "mia", "stdio"),
    ];

    private static readonly string[] Expected =
    [
        "StartThread, NotStarted: thread_started",
        "StartThread, Thinking or Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "StartThread, Completed or Failed or Cancelled: refused:thread_ended",
        "ChooseStep, NotStarted: refused:thread_not_found",
        "ChooseStep, Thinking or Working or Working at a step or Working while it asks: step_chosen",
        "ChooseStep, Chosen or Approved or Acting or Resuming or Waiting or Working, and parked: impossible",
        "ChooseStep, Completed or Failed or Cancelled: refused:thread_ended",
        "RejectStep, NotStarted: refused:thread_not_found",
        "RejectStep, Thinking: step_rejected",
        "RejectStep, Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "RejectStep, Completed or Failed or Cancelled: refused:thread_ended",
        "AddFacts, NotStarted: refused:thread_not_found",
        "AddFacts, Thinking: fetched",
        "AddFacts, Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "AddFacts, Completed or Failed or Cancelled: refused:thread_ended",
        "JudgeStep, NotStarted: refused:thread_not_found",
        "JudgeStep, Thinking or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "JudgeStep, Chosen: step_judged",
        "JudgeStep, Completed or Failed or Cancelled: refused:thread_ended",
        "Summarise, NotStarted: refused:thread_not_found",
        "Summarise, Thinking: summarised",
        "Summarise, Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "Summarise, Completed or Failed or Cancelled: refused:thread_ended",
        "StartTool, NotStarted: refused:thread_not_found",
        "StartTool, Thinking or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "StartTool, Chosen or Approved or Acting or Resuming: tool_started",
        "StartTool, Completed or Failed or Cancelled: refused:thread_ended",
        "ReturnTool, NotStarted: refused:thread_not_found",
        "ReturnTool, Thinking or Chosen or Approved or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "ReturnTool, Acting: tool_returned",
        "ReturnTool, Completed or Failed or Cancelled: refused:thread_ended",
        "FailTool, NotStarted: refused:thread_not_found",
        "FailTool, Thinking or Waiting or Working or Working at a step or Working while it asks or Working, and parked: impossible",
        "FailTool, Chosen or Approved or Acting or Resuming: tool_failed",
        "FailTool, Completed or Failed or Cancelled: refused:thread_ended",
        "OpenARequest, NotStarted: refused:thread_not_found",
        "OpenARequest, Thinking or Chosen or Approved or Acting or Working or Working at a step or Working while it asks: request_opened",
        "OpenARequest, Resuming or Waiting or Working, and parked: impossible",
        "OpenARequest, Completed or Failed or Cancelled: refused:thread_ended",
        "Answer (yes), NotStarted: refused:thread_not_found",
        "Answer (yes), Thinking or Chosen or Acting or Working or Working at a step or Completed: refused:nothing_pending",
        "Answer (yes), Approved or Resuming: nothing",
        "Answer (yes), Waiting: request_answered",
        "Answer (yes), Working while it asks or Working, and parked: refused:wrong_answer",
        "Answer (yes), Failed or Cancelled: refused:thread_ended",
        "Answer, NotStarted: refused:thread_not_found",
        "Answer, Thinking or Chosen or Acting or Working or Working at a step: refused:nothing_pending",
        "Answer, Approved or Resuming: refused:already_answered",
        "Answer, Waiting: refused:wrong_answer",
        "Answer, Working while it asks or Working, and parked: request_answered",
        "Answer, Completed: message_received",
        "Answer, Failed or Cancelled: refused:thread_ended",
        "EndChild, NotStarted: refused:thread_not_found",
        "EndChild, Thinking or Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked or Completed or Failed or Cancelled: nothing",
        "ReportFailedDelivery, NotStarted: refused:thread_not_found",
        "ReportFailedDelivery, Thinking or Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked or Completed or Failed or Cancelled: delivery_failed",
        "LeaveOpen, NotStarted: refused:thread_not_found",
        "LeaveOpen, Thinking or Chosen or Approved or Acting or Resuming or Working or Working at a step or Completed or Failed or Cancelled: nothing",
        "LeaveOpen, Waiting or Working while it asks or Working, and parked: answer_refused",
        "WithdrawRequest, NotStarted: refused:thread_not_found",
        "WithdrawRequest, Thinking or Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked or Completed or Failed or Cancelled: nothing",
        "PassTime, NotStarted or Thinking or Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked or Completed or Failed or Cancelled: nothing",
        "OfCall, NotStarted: refused:thread_not_found",
        "OfCall, Thinking or Chosen or Approved or Acting or Resuming or Waiting or Working or Working while it asks or Working, and parked: impossible",
        "OfCall, Working at a step: tool_failed",
        "OfCall, Completed or Failed or Cancelled: refused:thread_ended",
        "ParkThread, NotStarted: refused:thread_not_found",
        "ParkThread, Thinking or Chosen or Approved or Acting or Resuming or Waiting: impossible",
        "ParkThread, Working or Working at a step or Working, and parked: nothing",
        "ParkThread, Working while it asks: thread_parked",
        "ParkThread, Completed or Failed or Cancelled: refused:thread_ended",
        "CompleteThread, NotStarted: refused:thread_not_found",
        "CompleteThread, Thinking or Approved or Acting or Resuming or Waiting or Working at a step or Working while it asks or Working, and parked: impossible",
        "CompleteThread, Chosen or Working: thread_completed",
        "CompleteThread, Completed or Failed or Cancelled: refused:thread_ended",
        "FailThread, NotStarted: refused:thread_not_found",
        "FailThread, Thinking or Chosen or Approved or Acting or Resuming or Working or Working at a step or Working while it asks: thread_failed",
        "FailThread, Waiting or Working, and parked: impossible",
        "FailThread, Completed or Failed or Cancelled: refused:thread_ended",
        "CancelThread, NotStarted: refused:thread_not_found",
        "CancelThread, Thinking or Chosen or Approved or Acting or Resuming or Waiting or Working or Working at a step or Working while it asks or Working, and parked: thread_cancelled",
        "CancelThread, Completed or Failed or Cancelled: nothing",
        "ForkThread, NotStarted: refused:thread_not_found",
        "ForkThread, Thinking or Chosen or Approved or Waiting or Working or Working while it asks or Working, and parked or Completed or Failed or Cancelled: thread_forked",
        "ForkThread, Acting or Resuming or Working at a step: refused:invalid_version",
    ];

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void Every_command_is_carried_out_refused_or_impossible_as_the_table_says() =>
        Assert.Equal(Expected, Commands.SelectMany(command => States
            .GroupBy(state => Outcome(Logs[state], command))
            .Select(same => $"{NameOf(command)}, {string.Join(" or ", same)}: {same.Key}")));

    private static string NameOf(ThreadCommand command) => command.GetType().Name + (command is Answer { Approved: not null } ? " (yes)" : "");

    private static string Outcome(ThreadEvent[] log, ThreadCommand command)
    {
        try
        {
            var events = ThreadDecider.Decide(AgentThread.Fold(Spec.Id, log), command);
            return events.Count == 0 ? "nothing" : string.Join(" ", events.Select(Transitions.NameOf));
        }
        catch (RefusedException e)
        {
            return "refused:" + WireName.Of(e.Code);
        }
        catch (InvalidOperationException)
        {
            return "impossible";
        }
    }
}
