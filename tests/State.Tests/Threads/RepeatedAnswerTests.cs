using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

/// <summary>The first answer wins.</summary>
public class RepeatedAnswerTests
{
    private static readonly ThreadEvent[] Approved = [.. Logs["Waiting"], new RequestAnswered(Nine, new(3), "ravi", "inbox", true, Comment: "go ahead")];
    private static readonly ThreadEvent[] Told = [.. Logs["Waiting for words"], Answered(2, response: """{"n":5,"m":[1]}""")];
    private static readonly ThreadEvent[] Guided = [.. Logs["Waiting for leave to go on"], Answered(2, true, "\"try staging\"")];

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void The_same_answer_again_is_no_event() => Spec.Given(Approved).When(Said.Yes(3, "go ahead")).ThenNothing();

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void The_same_answer_again_is_no_event_when_it_names_no_request() => Spec.Given(Approved).When(Said.Yes(comment: "go ahead")).ThenNothing();

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void The_same_words_again_are_no_event_while_the_thread_runs() => Spec.Given(Told).When(Said.Words("""{"n":5,"m":[1]}""")).ThenNothing();

    [Theory]
    [InlineData("""{"m":[1],"n":5}""")]
    [InlineData("""{"n":5.0,"m":[1]}""")]
    [InlineData("\"{\\\"n\\\":5,\\\"m\\\":[1]}\"")]
    [Trait("Accepts", "F6.8")]
    public void The_same_value_in_another_spelling_is_the_same_answer(string response) => Spec.Given(Told).When(Said.Words(response, request: 2)).ThenNothing();

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void An_answer_is_the_same_however_far_the_thread_has_come() =>
        Spec.Given([.. Approved, Began(), Returned(), Chose("done"), Finished]).When(Said.Yes(3, "go ahead")).ThenNothing();

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void An_answer_is_the_same_even_while_another_request_is_open() =>
        Spec.Given([.. Approved, AskedApproval()]).When(Said.Yes(3, "go ahead")).ThenNothing();

    [Fact]
    [Trait("Accepts", "F6.8 F6.7")]
    public void A_different_answer_is_told_the_first_by_whom_and_when() => Spec.Given(Approved).When(Said.No(3)).ThenRefused(RefusalCode.AlreadyAnswered,
            "req_019ca8b9b6007000800000000000000a_3 was already answered (approved: true, comment: \"go ahead\") by ravi through inbox at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.");

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void Different_words_are_told_the_first_words() => Spec.Given(Told).When(Said.Words("6", request: 2)).ThenRefused(RefusalCode.AlreadyAnswered,
            """req_019ca8b9b6007000800000000000000a_2 was already answered (response: {"n":5,"m":[1]}) by mia through stdio at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.""");

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void Another_comment_is_another_answer() => Spec.Given(Approved).When(Said.Yes(3, "wait!")).ThenRefused(RefusalCode.AlreadyAnswered,
            "req_019ca8b9b6007000800000000000000a_3 was already answered (approved: true, comment: \"go ahead\") by ravi through inbox at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.");

    [Fact]
    [Trait("Accepts", "F6.8 W.5")]
    public void A_no_that_names_no_request_does_not_undo_the_yes() => Spec.Given(Approved).When(Said.No()).ThenRefused(RefusalCode.AlreadyAnswered,
            "req_019ca8b9b6007000800000000000000a_3 was already answered (approved: true, comment: \"go ahead\") by ravi through inbox at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.");

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void Guidance_repeated_without_the_yes_it_implied_is_the_same() => Spec.Given(Guided).When(Said.Words("\"try staging\"", request: 2)).ThenNothing();

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void Guidance_does_not_repeat_a_no_that_came_with_the_same_words() =>
        Spec.Given([.. Logs["Waiting for leave to go on"], Answered(2, false, "\"try staging\""), Broke]).When(Said.Words("\"try staging\"", request: 2))
            .ThenRefused(RefusalCode.AlreadyAnswered,
            "req_019ca8b9b6007000800000000000000a_2 was already answered (approved: false, response: \"try staging\") by mia through stdio at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.");

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void A_no_at_a_limit_repeated_is_the_same_though_the_thread_has_failed() =>
        Spec.Given([.. Logs["Waiting for leave to go on"], Answered(2, false), Broke]).When(Said.No()).ThenNothing();

    [Theory]
    [InlineData("done")]
    [InlineData("run_again")]
    [InlineData("skip")]
    [Trait("Accepts", "F6.8 F8.7")]
    public void The_bare_name_of_an_outcome_repeats_the_whole(string outcome)
    {
        var log = ThreadLog.Of(Spec.Id, Logs["Waiting in doubt"]);
        var bare = Said.Words($"\"{outcome}\"", request: 4);
        var settled = log.With(ThreadDecider.Decide(log.Thread, bare)).Thread;
        Assert.Empty(ThreadDecider.Decide(settled, bare));
        Assert.Empty(ThreadDecider.Decide(settled, Said.Words($$"""{"outcome":"{{outcome}}"}""", request: 4)));
    }

    [Fact]
    [Trait("Accepts", "F6.8 F8.7")]
    public void Another_result_is_another_answer() =>
        Spec.Given([.. Logs["Waiting in doubt"], Answered(4, response: """{"outcome":"done","result":1}"""), Returned(result: "1")])
            .When(Said.Words("""{"outcome":"done","result":2}""", request: 4)).ThenRefused(RefusalCode.AlreadyAnswered,
            """req_019ca8b9b6007000800000000000000a_4 was already answered (response: {"outcome":"done","result":1}) by mia through stdio at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.""");

    [Theory]
    [InlineData("""{"outcome":"done","result":"1"}""")]
    [InlineData("""{"result":1,"outcome":"done"}""")]
    [Trait("Accepts", "F6.8 F8.7")]
    public void A_result_from_a_form_is_the_one_it_was_taken_for(string again) =>
        Spec.Given([.. Logs["Waiting in doubt"], Answered(4, response: """{"outcome":"done","result":1}"""), Returned(result: "1")])
            .When(Said.Words(again, request: 4)).ThenNothing();

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("1")]
    [Trait("Accepts", "F6.8")]
    public void Only_of_a_doubt_are_a_number_and_its_text_one_result(string said)
    {
        var (first, again) = ($$"""{"outcome":"sold","result":{{said}}}""", $$"""{"outcome":"sold","result":{{(said == "1" ? "\"1\"" : "1")}}}""");
        Spec.Given([.. Logs["Waiting for words"], Answered(2, response: first)]).When(Said.Words(again, request: 2)).ThenRefused(RefusalCode.AlreadyAnswered,
            $"req_019ca8b9b6007000800000000000000a_2 was already answered (response: {first}) by mia through stdio at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.");
    }

    [Fact]
    [Trait("Accepts", "F7.6")]
    public void Words_to_a_completed_thread_are_a_message_even_when_they_were_an_answer_before() =>
        Spec.Given([.. Told, Chose("done"), Finished]).When(Said.Words("""{"n":5,"m":[1]}""")).Then("""{"type":"message_received","message":{"n":5,"m":[1]},"by":"mia","channel":"stdio","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    public void A_duplicate_that_says_nothing_repeats_nothing() =>
        Spec.Given(Approved).When(Said.By(Said.Mia, 3)).ThenRefused(RefusalCode.AlreadyAnswered,
            "req_019ca8b9b6007000800000000000000a_3 was already answered (approved: true, comment: \"go ahead\") by ravi through inbox at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.");

    [Fact]
    [Trait("Accepts", "F6.7")]
    public void Of_two_answers_decided_at_once_the_second_sees_the_first()
    {
        var log = ThreadLog.Of(Spec.Id, Logs["Waiting"]);
        var won = log.With(ThreadDecider.Decide(log.Thread, Said.Yes(3)));
        Assert.Equal(RefusalCode.AlreadyAnswered, Assert.Throws<RefusedException>(() => ThreadDecider.Decide(won.Thread, Said.No(3))).Code);
    }
}
