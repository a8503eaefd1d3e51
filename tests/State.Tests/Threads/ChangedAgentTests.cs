using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

/// <summary>A thread is asked how to go on when tools of its definition are gone.</summary>
public class ChangedAgentTests
{
    private static readonly RequestOpened AskedHow = new(Nine, RequestKind.Question, "How shall it go on?", Schema: ChangedAgent.Schema(true), Options: ChangedAgent.Options(true), Gone: ["tag_push"]);

    [Fact]
    [Trait("Accepts", "R.11")]
    public void To_migrate_is_one_event_and_from_then_on_that_is_its_definition()
    {
        var thread = Spec.Given(Started, AskedHow).When(Said.Words("\"migrate\"") with { Today = "sha256:d2" }).Then(
            """{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":"migrate","at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"definition_changed","definition":"sha256:d2","by":"mia","channel":"stdio","at":"2026-03-01T10:00:00+00:00"}""");

        Assert.Equal(new DefinitionInForce("sha256:d2"), thread.Definition);
        Assert.Equal("sha256:d1", thread.Start.Definition);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public void Pinned_it_keeps_its_own()
    {
        var thread = Spec.Given(Started, AskedHow).When(Said.Words("\"pin\"")).Then(
            """{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":"pin","at":"2026-03-01T10:00:00+00:00"}""");

        Assert.Equal(new DefinitionInForce("sha256:d1", IsPinned: true), thread.Definition);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public void Cancelled_it_ends_with_the_reason()
    {
        Spec.Given(Started, AskedHow).When(Said.Words("\"cancel\"")).Then(
            """{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":"cancel","at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"thread_cancelled","by":"mia","channel":"stdio","reason":"its agent had changed","at":"2026-03-01T10:00:00+00:00"}""");
    }

    [Fact]
    public void Unanswered_it_keeps_its_own_and_is_not_asked_again() =>
        Assert.Equal(new DefinitionInForce("sha256:d1", IsPinned: true), AgentThread.Fold(Spec.Id, [Started, AskedHow, new RequestExpired(Ten, new(2))]).Definition);

    [Fact]
    public void An_answer_to_anything_else_pins_nothing() =>
        Assert.Equal(new DefinitionInForce("sha256:d1"), AgentThread.Fold(Spec.Id, [Started, Asked(), Answered(2, response: "\"pin\"")]).Definition);

    [Fact]
    public void There_is_nothing_to_migrate_to_when_the_agent_is_gone()
    {
        var refused = Assert.Throws<RefusedException>(() => ThreadDecider.Decide(AgentThread.Fold(Spec.Id, [Started, AskedHow]), Said.Words("\"migrate\"")));

        Assert.Equal(RefusalCode.WrongAnswer, refused.Code);
        Assert.Equal("""{"type":"string","enum":["pin","cancel"]}""", ChangedAgent.Schema(canMigrate: false).Text);
    }
}
