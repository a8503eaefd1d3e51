using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class HumanPolicyTests
{
    private static readonly Responder Model = new("claude", "mcp");
    private static readonly Responder Strict = Model with { Policy = AnswerableBy.Human };
    private static readonly ThreadEvent[] ForHumans = [Started, Chose(), AskedApproval(by: AnswerableBy.Human)];

    private const string Refusal =
        """{"type":"answer_refused","request":3,"by":"claude","channel":"mcp","reason":"only a person may answer this","at":"2026-03-01T10:00:00+00:00"}""";

    [Fact]
    [Trait("Accepts", "P.3")]
    public void The_calling_client_may_not_answer_for_a_human_and_the_attempt_is_logged()
    {
        var thread = Spec.Given(ForHumans).When(Said.By(Model, approved: true)).Then(Refusal);
        Assert.Equal((ThreadStatus.Pending, 1), (thread.Status, thread.OpenRequests.Count));
    }

    [Fact]
    [Trait("Accepts", "P.2")]
    public void The_servers_policy_tightens_what_the_request_allows() =>
        Spec.Given(Logs["Waiting"]).When(Said.By(Strict, approved: true)).Then(Refusal);

    [Fact]
    [Trait("Accepts", "P.2")]
    public void The_servers_policy_loosens_nothing() =>
        Spec.Given(ForHumans).When(Said.By(Model with { Policy = AnswerableBy.Caller }, approved: true)).Then(Refusal);

    [Fact]
    [Trait("Accepts", "P.4")]
    public void A_person_may_answer_after_a_refused_attempt() =>
        Spec.Given([.. ForHumans, new AnswerRefused(Nine, new(3), "claude", "mcp", "only a person may answer this")])
            .When(Said.By(new Responder("ravi", "inbox", IsHuman: true, AnswerableBy.Human), approved: true))
            .Then("""{"type":"request_answered","request":3,"by":"ravi","channel":"inbox","approved":true,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "P.1")]
    public void The_caller_may_answer_what_is_not_reserved() =>
        Spec.Given(Logs["Waiting"]).When(Said.By(Model, approved: true))
            .Then("""{"type":"request_answered","request":3,"by":"claude","channel":"mcp","approved":true,"at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [InlineData("Waiting for words", "\"blue\"")]
    [InlineData("Waiting for leave to go on", "\"go on\"")]
    [InlineData("Waiting in doubt", "\"skip\"")]
    [Trait("Accepts", "P.2")]
    public void Under_human_a_person_answers_questions_limits_and_doubts_too(string log, string response) =>
        Assert.IsType<AnswerRefused>(Assert.Single(ThreadDecider.Decide(AgentThread.Fold(Spec.Id, Logs[log]), Said.By(Strict, response: response))));

    [Theory]
    [InlineData("Waiting for a step", "{}")]
    [InlineData("Waiting for a job", "1")]
    [InlineData("Waiting for the time", "1")]
    [Trait("Accepts", "A2H.1")]
    public void Under_human_steps_results_and_wake_ups_still_come_from_machines(string log, string response) =>
        Assert.IsType<RequestAnswered>(ThreadDecider.Decide(AgentThread.Fold(Spec.Id, Logs[log]), Said.By(Strict, response: response))[0]);
}
