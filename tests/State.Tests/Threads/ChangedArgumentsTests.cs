using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class ChangedArgumentsTests
{
    private static readonly JsonText Schema = JsonText.Parse(
        """{"type":"object","properties":{"tag":{"type":"string"},"sha":{"type":"string"}},"required":["tag"],"additionalProperties":false}""");

    private static readonly ThreadEvent[] Changeable = [Started, Chose(), (RequestOpened)AskedApproval() with { Changes = Schema }];

    [Fact]
    [Trait("Accepts", "P.5")]
    public void Changed_arguments_are_an_answer_of_their_own_and_are_what_runs()
    {
        var thread = Spec.Given(Changeable).When(With("""{"tag":"v1.4.1"}"""))
            .Then("""{"type":"request_answered","request":3,"by":"mia","channel":"stdio","approved":true,"arguments":{"tag":"v1.4.1"},"at":"2026-03-01T10:00:00+00:00"}""");
        var approved = Assert.IsType<AgentMcp.State.Threads.ThreadState.Approved>(thread.State);
        Assert.Equal((ActionDigest.Bind("tag_push", JsonText.Parse("""{"tag":"v1.4.1"}""")), """{"tag":"v1.4.1"}"""), (approved.Action, approved.Call.Bound.Text));
    }

    [Fact]
    [Trait("Accepts", "P.5")]
    public void Where_the_tool_does_not_allow_it_they_are_refused() =>
        Spec.Given(Logs["Waiting"]).When(With("""{"tag":"v9"}""")).ThenRefused(RefusalCode.WrongAnswer,
            """The arguments of this action cannot be changed. Approve it as it is, or reject it and say in the comment what should be done instead. What is awaited is req_019ca8b9b6007000800000000000000a_3 (approval): "Push tag v1.4.0?" Answer it with approved true or false, and an optional comment.""");

    [Fact]
    [Trait("Accepts", "A2H.8")]
    public void Arguments_that_do_not_fit_the_tool_are_refused() =>
        Spec.Given(Changeable).When(With("""{"tag":1}""")).ThenRefused(RefusalCode.InvalidResponse,
            """The changed arguments do not fit: 'tag': string expected. They must match this JSON Schema: {"type":"object","properties":{"tag":{"type":"string"},"sha":{"type":"string"}},"required":["tag"],"additionalProperties":false}. The request stays open. What is awaited is req_019ca8b9b6007000800000000000000a_3 (approval): "Push tag v1.4.0?" Answer it with approved true or false, or approved_with_changes holding other arguments, and an optional comment.""");

    [Theory]
    [InlineData(false, null)]
    [InlineData(null, "\"yes\"")]
    [InlineData(true, "\"yes\"")]
    [Trait("Accepts", "P.5")]
    public void They_come_with_a_plain_yes_or_not_at_all(bool? approved, string? response) =>
        Assert.Throws<RefusedException>(() => ThreadDecider.Decide(AgentThread.Fold(Spec.Id, Changeable),
            Said.By(Said.Mia, approved: approved, response: response) with { Arguments = JsonText.Parse("""{"tag":"v2"}""") }));

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void The_same_changes_again_change_nothing_and_others_are_refused()
    {
        ThreadEvent[] answered = [.. Changeable, new RequestAnswered(Nine, new(3), "mia", "stdio", true, Arguments: JsonText.Parse("""{"tag":"v1.4.1"}"""))];
        Spec.Given(answered).When(With("""{"tag":"v1.4.1"}""", 3)).ThenNothing();
        foreach (var other in new[] { With("""{"tag":"v2"}""", 3), Said.Yes(3) })
        {
            var refused = Assert.Throws<RefusedException>(() => ThreadDecider.Decide(AgentThread.Fold(Spec.Id, answered), other));
            Assert.StartsWith("""req_019ca8b9b6007000800000000000000a_3 was already answered (approved: true, arguments: {"tag":"v1.4.1"}) by mia""", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Accepts", "A2H.4")]
    public void A_prepared_reason_is_a_rejection_whatever_else_is_said_and_an_unknown_one_is_refused()
    {
        ThreadEvent[] asked = [Started, Chose(), (RequestOpened)AskedApproval() with { Options = [new("later"), new("backend_first", PromptFill: "deploy the backend first")] }];
        const string Rejected = """{"type":"request_answered","request":3,"by":"mia","channel":"stdio","approved":false,"response":"backend_first","at":"2026-03-01T10:00:00+00:00"}""";
        Spec.Given(asked).When(Said.By(Said.Mia, approved: false, response: "\"backend_first\"")).Then(Rejected);
        Spec.Given(asked).When(Said.By(Said.Mia, approved: false, response: "\"never\"")).ThenRefused(RefusalCode.InvalidResponse,
            "\"never\" is none of the prepared reasons: later, backend_first. Leave response out to reject in your own words. The request stays open. What is awaited is req_019ca8b9b6007000800000000000000a_3 (approval): \"Push tag v1.4.0?\" Answer it with approved true or false, and an optional comment.");
        Assert.Throws<RefusedException>(() => ThreadDecider.Decide(AgentThread.Fold(Spec.Id, asked), Said.By(Said.Mia, approved: true, response: "\"later\"")));
    }

    private static Answer With(string arguments, int? request = null) => Said.Yes(request) with { Arguments = JsonText.Parse(arguments) };
}
