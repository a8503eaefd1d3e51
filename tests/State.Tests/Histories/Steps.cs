using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Histories;

/// <summary>What a process may do next with a thread as it has read it, as the loop would: it appends before it acts, and asks about what another one began.</summary>
internal static class Steps
{
    private static readonly BoundAction Pay = ActionDigest.Bind("pay", JsonText.Parse("""{"to":"mia"}"""));

    public static (ThreadCommand Command, LeaseUse Then)? Next(AgentThread thread, int number, DateTimeOffset now, Func<CallId, bool> isMine) => thread.State switch
    {
        Thinking => (number % 5) switch
        {
            0 => (new OpenARequest(now, RequestKind.Question, "Which one?"), LeaseUse.Release),
            1 => (new RejectStep(now, "no step", "test"), LeaseUse.None),
            2 => (new ChooseStep(now, "done", JsonText.Of("bye"), "test"), LeaseUse.None),
            _ => (new ChooseStep(now, Pay.Tool, Pay.Arguments, "test"), LeaseUse.None),
        },
        Chosen { Call.Intent: "done" } => (new CompleteThread(now, JsonText.Of("bye")), LeaseUse.Release),
        Chosen when number % 2 == 0 => (new OpenARequest(now, RequestKind.Approval, "Pay?", Action: Pay), LeaseUse.Release),
        Chosen or Approved => (new StartTool(now), LeaseUse.None),
        Acting s when !isMine(s.Call.Id) => (new OpenARequest(now, RequestKind.InDoubt, "Did it?"), LeaseUse.Release),
        Acting when number % 3 == 0 => (new FailTool(now, "no money"), LeaseUse.None),
        Acting => (new ReturnTool(now, JsonText.Of("paid")), LeaseUse.None),
        _ => null,
    };

    public static Answer? AnswerTo(AgentThread thread, int number, DateTimeOffset now) => thread.State is not Waiting { Request: var open } ? null : new Answer(
        now, new("mia", "cli", IsHuman: true), open.Id,
        open.Asked.Kind == RequestKind.Approval ? number % 2 == 0 : null,
        open.Asked.Kind switch
        {
            RequestKind.Approval => null,
            RequestKind.InDoubt => JsonText.Parse(number % 2 == 0 ? """{"outcome":"run_again"}""" : """{"outcome":"skip"}"""),
            _ => JsonText.Of("this one"),
        }, null);
}
