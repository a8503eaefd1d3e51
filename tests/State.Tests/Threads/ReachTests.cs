using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class ReachTests
{
    [Fact]
    [Trait("Accepts", "F7.5")]
    public void A_channel_that_cannot_be_reached_is_noted_and_nothing_else_changes()
    {
        var thread = Spec.Given(Logs["Waiting"]).When(new ReportFailedDelivery(Ten, new(3), "ops", "the server answered 503"))
            .Then("""{"type":"delivery_failed","request":3,"channel":"ops","error":"the server answered 503","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal((ThreadStatus.Pending, new RequestId(3)), (thread.Status, Assert.Single(thread.OpenRequests).Id));
    }

    [Fact]
    [Trait("Accepts", "A2H.6")]
    public void A_request_names_its_channels_and_when_to_tell_again_and_nothing_of_where_they_lead() =>
        Spec.Given(Logs["Chosen"])
            .When(new OpenARequest(Ten, RequestKind.Approval, "Push?", Action: TagPush, Reach: new(["ops"], Ten.AddHours(1), "boss", Ten.AddHours(4))))
            .Then("""{"type":"request_opened","kind":"approval","question":"Push?","action":{"tool":"tag_push","arguments":{"tag":"v1.4.0","sha":"9f2c1ab"},"digest":"DIGEST"},"answerable_by":"caller","reach":{"channels":["ops"],"remind_at":"2026-03-01T11:00:00+00:00","escalate_to":"boss","escalate_at":"2026-03-01T14:00:00+00:00"},"at":"2026-03-01T10:00:00+00:00"}"""
                .Replace("DIGEST", TagPush.Digest, StringComparison.Ordinal));
}
