using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class CancelTests
{
    [Theory]
    [InlineData("Thinking")]
    [InlineData("Chosen")]
    [InlineData("Approved")]
    [InlineData("Waiting")]
    [InlineData("Waiting in doubt")]
    [InlineData("Waiting for the time")]
    [Trait("Accepts", "F6.6 R.11")]
    public void Whatever_has_not_ended_can_be_cancelled(string state) =>
        Spec.Given(Logs[state]).When(new CancelThread(Ten, "mia", "stdio", "too late"))
            .Then("""{"type":"thread_cancelled","by":"mia","channel":"stdio","reason":"too late","at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [InlineData("too late", "too late - tag_push was running; whether it took effect is not known")]
    [InlineData(null, "tag_push was running; whether it took effect is not known")]
    [Trait("Accepts", "F6.6 R.11")]
    public void A_tool_that_was_running_when_it_was_cancelled_is_named_as_unknown(string? reason, string recorded) =>
        Spec.Given(Logs["Acting"]).When(new CancelThread(Ten, "mia", "stdio", reason))
            .Then($$"""{"type":"thread_cancelled","by":"mia","channel":"stdio","reason":"{{recorded}}","at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [InlineData("Completed")]
    [InlineData("Failed")]
    [InlineData("Cancelled")]
    [Trait("Accepts", "F6.6")]
    public void Cancelling_what_has_ended_changes_nothing(string state) => Spec.Given(Logs[state]).When(new CancelThread(Ten, "mia", "stdio")).ThenNothing();

    [Fact]
    [Trait("Accepts", "F6.6")]
    public void An_answer_that_comes_after_the_cancelling_is_refused_with_the_reason() =>
        Spec.Given([.. Logs["Waiting"], Stopped]).When(Said.Yes(request: 3)).ThenRefused(RefusalCode.ThreadEnded,
            "The thread is cancelled and takes nothing more. Start a new one, or fork this one at an earlier version with fork_thread.");

    [Fact]
    [Trait("Accepts", "F6.6")]
    public void A_result_that_comes_after_the_cancelling_is_not_appended() =>
        Spec.Given([.. Logs["Acting"], Stopped]).When(new ReturnTool(Ten, JsonText.Null)).ThenRefused(RefusalCode.ThreadEnded,
            "The thread is cancelled and takes nothing more. Start a new one, or fork this one at an earlier version with fork_thread.");
}
