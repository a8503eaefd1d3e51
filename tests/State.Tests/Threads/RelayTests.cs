using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

public class RelayTests
{
    private static readonly ThreadEvent[] Waiting = Logs["Waiting for an answer elsewhere"];
    private static readonly JsonText Continuation = JsonText.Parse("""{"thread":"thr_there","request":"req_there"}""");

    [Fact]
    [Trait("Accepts", "D.6")]
    public void The_answer_goes_to_the_tool_that_asked_and_approves_nothing_here()
    {
        var thread = Spec.Given(Waiting).When(Said.Yes()).Then("""{"type":"request_answered","request":4,"by":"mia","channel":"stdio","approved":true,"at":"2026-03-01T10:00:00+00:00"}""");
        var call = Assert.IsType<Resuming>(thread.State).Call;
        Assert.Equal((new CallId(2), null, 0), (call.Id, call.Approval, call.Attempt));
        Assert.Equal(new Relayed(Continuation, (RequestAnswered)Answered(4, approved: true) with { At = Ten }), call.Relayed);
    }

    [Theory]
    [InlineData(RequestKind.Approval)]
    [InlineData(RequestKind.Budget)]
    public void A_no_ends_nothing_here_and_grants_nothing(RequestKind kind)
    {
        var thread = Spec.Given(Started, Misstepped(), Chose(), Began(3), PassedOn(kind)).When(Said.By(Said.Mia, approved: false))
            .Then("""{"type":"request_answered","request":5,"by":"mia","channel":"stdio","approved":false,"at":"2026-03-01T10:00:00+00:00"}""");
        Assert.IsType<Resuming>(thread.State);
        Assert.Equal((2, 1), (thread.Steps, thread.ErrorsInRow.Count));
    }

    [Fact]
    [Trait("Accepts", "F6.9")]
    public void A_result_that_is_passed_on_is_not_the_result_of_the_call()
    {
        var thread = Spec.Given(Started, Chose(), Began(), PassedOn(RequestKind.ExternalResult)).When(Said.Words("1"))
            .Then("""{"type":"request_answered","request":4,"by":"mia","channel":"stdio","response":1,"at":"2026-03-01T10:00:00+00:00"}""");
        Assert.IsType<Resuming>(thread.State);
    }

    [Fact]
    public void An_expiry_is_handed_to_the_tool()
    {
        var thread = Spec.Given(Started, Chose(), Began(), PassedOn(due: Ten)).When(new PassTime(Ten)).Then("""{"type":"request_expired","request":4,"at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal(new Relayed(Continuation, Expired: true), Assert.IsType<Resuming>(thread.State).Call.Relayed);
    }

    [Fact]
    [Trait("Accepts", "D.6")]
    public void What_was_settled_where_it_came_from_needs_no_answer_here()
    {
        var thread = Spec.Given(Waiting).When(new WithdrawRequest(Ten, new(4), "it was settled where it came from"))
            .Then("""{"type":"request_withdrawn","request":4,"reason":"it was settled where it came from","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal(new Relayed(Continuation), Assert.IsType<Resuming>(thread.State).Call.Relayed);
    }

    [Fact]
    public void Only_the_open_request_is_withdrawn_and_only_one_that_was_passed_on()
    {
        Spec.Given(Waiting).When(new WithdrawRequest(Ten, new(3), "late")).ThenNothing();
        Spec.Given(Logs["Waiting"]).When(new WithdrawRequest(Ten, new(3), "late")).ThenNothing();
        Spec.Given(Logs["Resuming"]).When(new WithdrawRequest(Ten, new(4), "late")).ThenNothing();
    }

    [Fact]
    [Trait("Accepts", "P.2")]
    [Trait("Accepts", "P.3")]
    public void What_only_a_person_there_may_answer_takes_no_answer_from_here() =>
        Spec.Given(Started, Chose(), Began(), PassedOn(onlyThere: true)).When(Said.Yes()).Then(
            """{"type":"answer_refused","request":4,"by":"mia","channel":"stdio","reason":"this can only be answered where it was asked, at https://there.example/requests/req_there","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.7")]
    public void A_doubtful_call_runs_again_with_the_answer_it_was_to_hand_over()
    {
        var thread = AgentThread.Fold(Spec.Id, [.. Logs["Resuming"], Began(), Asked(RequestKind.InDoubt), Answered(7, response: """{"outcome":"run_again"}""")]);
        Assert.Equal(new Relayed(Continuation, (RequestAnswered)Answered(4, approved: true)), Assert.IsType<Chosen>(thread.State).Call.Relayed);
    }

    [Theory]
    [InlineData("Waiting for an answer elsewhere", 4)]
    [InlineData("Resuming", 5)]
    [Trait("Accepts", "F5.3")]
    public void A_copy_cannot_share_what_goes_on_elsewhere(string log, int version) =>
        Spec.Given(Logs[log]).When(new ForkThread(Ten, Spec.Id, "mia", "stdio")).ThenRefused(RefusalCode.InvalidVersion,
            $"Version {version} lies in the middle of call_2 (tag_push), which goes on elsewhere; a copy cannot share it. Fork at version 1, before it was chosen.");
}
