using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class ResponderTests
{
    private static readonly ThreadEvent[] ForMiaOrRavi =
        [Started, Chose(), (RequestOpened)AskedApproval() with { Responders = ["@mia", "@ravi"] }];

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public void Nobody_but_the_named_ones_may_answer_and_the_attempt_is_recorded()
    {
        var thread = Spec.Given(ForMiaOrRavi).When(Said.By(new("@eve", "slack", IsHuman: true), approved: true))
            .Then("""{"type":"answer_refused","request":3,"by":"@eve","channel":"slack","reason":"only @mia or @ravi may answer this","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal(ThreadStatus.Pending, thread.Status);
    }

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public void One_of_the_named_ones_may() =>
        Spec.Given(ForMiaOrRavi).When(Said.By(new("@Ravi", "slack", IsHuman: true), approved: false))
            .Then("""{"type":"request_answered","request":3,"by":"@Ravi","channel":"slack","approved":false,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public void Being_named_does_not_make_a_person_of_a_client() =>
        Spec.Given([.. ForMiaOrRavi[..2], (RequestOpened)ForMiaOrRavi[2] with { AnswerableBy = AnswerableBy.Human }])
            .When(Said.By(new("@mia", "http"), approved: true))
            .Then("""{"type":"answer_refused","request":3,"by":"@mia","channel":"http","reason":"only a person may answer this","at":"2026-03-01T10:00:00+00:00"}""");
}
