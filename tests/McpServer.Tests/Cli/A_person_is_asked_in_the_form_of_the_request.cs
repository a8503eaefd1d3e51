using AgentMcp.Server.Cli;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Cli;

public sealed class A_person_is_asked_in_the_form_of_the_request
{
    private static readonly DateTimeOffset At = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_approval_is_yes_or_no_with_a_reason_or_left_for_later()
    {
        var asked = new RequestOpened(At, RequestKind.Approval, "Deploy?");

        Assert.Equal(new PersonsAnswer(true, null, null), await Answer(asked, "\n"));
        Assert.Equal(new PersonsAnswer(false, null, "not today"), await Answer(asked, "v\nnot today\n"));
        Assert.Equal(new PersonsAnswer(false, null, null), await Answer(asked, "v\n\n"));
        Assert.Null(await Answer(asked, "vv\n"));
    }

    [Fact]
    public async Task A_question_takes_words()
    {
        Assert.Equal(new PersonsAnswer(null, JsonText.Of("use 5"), null), await Answer(new(At, RequestKind.Question, "Which?"), "use 5\n"));
    }

    [Fact]
    public async Task Options_are_chosen_from_and_free_text_is_offered_only_where_it_is_taken()
    {
        ResponseOption[] options = [new("red"), new("blue")];

        Assert.Equal(new PersonsAnswer(null, JsonText.Of("blue"), null), await Answer(new(At, RequestKind.Question, "Which?", Options: options), "v\n"));
        Assert.Equal(new PersonsAnswer(null, JsonText.Of("green"), null), await Answer(new(At, RequestKind.Question, "Which?", Options: options), "vv\ngreen\n"));
        Assert.Null(await Answer(new(At, RequestKind.Question, "Which?", Schema: JsonText.Parse("""{"type":"string","enum":["red","blue"]}"""), Options: options), "vv\n"));
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_doubt_takes_what_became_of_the_call()
    {
        var asked = new RequestOpened(At, RequestKind.InDoubt, "What became of it?", Schema: InDoubtAnswer.Schema, Options: InDoubtAnswer.Options);

        Assert.Equal("""{"outcome":"done","result":"it is there"}""", (await Answer(asked, "\nit is there\n"))!.Response!.Value.Text);
        Assert.Equal("""{"outcome":"run_again"}""", (await Answer(asked, "v\n"))!.Response!.Value.Text);
    }

    [Theory]
    [InlineData("""{"x":["a"]}""")]
    [InlineData("""{"x":"[red]a[/] [b"}""")]
    public async Task Arguments_that_may_be_changed_are_shown_as_they_are_and_stay_so_unless_others_are_typed(string arguments)
    {
        var asked = new RequestOpened(At, RequestKind.Approval, "Run it?", Action: ActionDigest.Bind("run", JsonText.Parse(arguments)), Changes: JsonText.Parse("{}"));
        var person = new TypedKeys("v\n\n");

        Assert.Equal(new PersonsAnswer(true, null, null, JsonText.Parse(arguments)), await PersonsAnswer.To(asked, person, TestContext.Current.CancellationToken));
        Assert.Contains($"  {arguments}", person.Shown, StringComparison.Ordinal);
        Assert.Equal(new PersonsAnswer(true, null, null, JsonText.Parse("""{"x":["b"]}""")), await Answer(asked, "v\n{\"x\":\n{\"x\":[\"b\"]}\n"));
    }

    private static Task<PersonsAnswer?> Answer(RequestOpened asked, string keys) =>
        PersonsAnswer.To(asked, new TypedKeys(keys), TestContext.Current.CancellationToken);
}
