using System.Text.Json;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>What a host is asked to show, as it goes over the wire.</summary>
public sealed class Requests_as_forms
{
    private const string June = "2025-06-18";

    [Fact]
    [Trait("Accepts", "A2H.1")]
    public void Only_what_a_person_can_answer_has_a_form() => Assert.Equal(
        [RequestKind.Question, RequestKind.Approval, RequestKind.Budget, RequestKind.InDoubt],
        Enum.GetValues<RequestKind>().Where(kind => ElicitationForm.IsFor(Asks("?") with { Kind = kind })));

    [Theory]
    [Trait("Accepts", "P.5")]
    [InlineData(June)]
    [InlineData(Ways.Sessions)]
    [InlineData(Ways.Newest)]
    public void An_approval_shows_the_action_it_binds_and_fills_nothing_in(string protocol) => Form(
        Approval("""{"tag":"v1.4.0","notes":"two\nlines: yes","count":2}"""), protocol, """
        {"mode":"form","message":"bot asks for approval: Push tag v1.4.0?\n\nNow: v1.3.0\n\nIf approved, push_tag runs with:\n  tag: \"v1.4.0\"\n  notes: \"two\\nlines: yes\"\n  count: 2",
         "requestedSchema":{"type":"object","properties":{
           "approve":{"type":"boolean","title":"Approve","description":"Yes approves exactly what is shown; no rejects it."},
           "comment":{"type":"string","title":"Comment","description":"Why, or what should be done instead. The agent reads it."}},
          "required":["approve"]}}
        """);

    [Fact]
    [Trait("Accepts", "P.5")]
    [Trait("Accepts", "A2H.4")]
    public void An_approval_offers_prepared_reasons_and_other_arguments_where_the_request_does() => Form(
        Approval("""{"tag":"v1.4.0"}""") with
        {
            Context = null,
            Options = [new("not_now", "Not now"), new("wrong_tag", "Wrong tag")],
            Changes = JsonText.Parse("""{"type":"object","properties":{"tag":{"type":"string"}}}"""),
        }, Ways.Newest, """
        {"mode":"form","message":"bot asks for approval: Push tag v1.4.0?\n\nIf approved, push_tag runs with:\n  tag: \"v1.4.0\"",
         "requestedSchema":{"type":"object","properties":{
           "approve":{"type":"boolean","title":"Approve","description":"Yes approves exactly what is shown; no rejects it."},
           "comment":{"type":"string","title":"Comment","description":"Why, or what should be done instead. The agent reads it."},
           "reason":{"type":"string","title":"Reason to reject","oneOf":[{"const":"not_now","title":"Not now"},{"const":"wrong_tag","title":"Wrong tag"}]},
           "arguments":{"type":"string","title":"Other arguments","description":"Only to approve something else than what is shown: JSON that fits this schema: {\"type\":\"object\",\"properties\":{\"tag\":{\"type\":\"string\"}}}"}},
          "required":["approve"]}}
        """);

    [Fact]
    public void A_budget_is_a_yes_or_no_too() => Form(
        Asks("May it take 10 more?") with { Kind = RequestKind.Budget }, Ways.Newest, """
        {"mode":"form","message":"bot asks: May it take 10 more?",
         "requestedSchema":{"type":"object","properties":{
           "approve":{"type":"boolean","title":"Approve","description":"Yes approves exactly what is shown; no rejects it."},
           "comment":{"type":"string","title":"Comment","description":"Why, or what should be done instead. The agent reads it."}},
          "required":["approve"]}}
        """);

    [Theory]
    [InlineData(Ways.Sessions, """ "oneOf":[{"const":"done","title":"It happened"},{"const":"run_again","title":"Run it again"},{"const":"skip","title":"Leave it"}] """)]
    [InlineData(June, """ "enum":["done","run_again","skip"],"enumNames":["It happened","Run it again","Leave it"] """)]
    public void A_call_in_doubt_offers_what_became_of_it_with_titles_each_version_knows(string protocol, string choices) => Form(
        Asks("Did it happen?") with { Kind = RequestKind.InDoubt, Schema = InDoubtAnswer.Schema, Options = InDoubtAnswer.Options }, protocol, $$$"""
        {"mode":"form","message":"bot asks: Did it happen?",
         "requestedSchema":{"type":"object","properties":{
           "outcome":{"type":"string","title":"What became of it","description":"It happened: Give what it returned as result.\nRun it again: Only if it is certain, or harmless, that it did not happen.\nLeave it: Do not run it; let the agent go on without a result.",
             {{{choices}}}},
           "result":{"type":"string","title":"Result","description":"What it returned, if it happened: text or JSON."}},
          "required":["outcome"]}}
        """);

    [Fact]
    public void A_question_without_a_form_of_its_own_takes_words() => Form(Asks("Which one?"), June, """
        {"mode":"form","message":"bot asks: Which one?",
         "requestedSchema":{"type":"object","properties":{"answer":{"type":"string","title":"Answer","minLength":1}},"required":["answer"]}}
        """);

    [Fact]
    [Trait("Accepts", "F7.2")]
    public void A_choice_that_is_not_the_only_way_also_takes_words() => Form(
        Asks("Where to?") with { Options = [new("staging"), new("production", "Production")] }, Ways.Newest, """
        {"mode":"form","message":"bot asks: Where to?",
         "requestedSchema":{"type":"object","properties":{
           "answer":{"type":"string","title":"Answer","oneOf":[{"const":"staging","title":"staging"},{"const":"production","title":"Production"}]},
           "other":{"type":"string","title":"Something else","description":"Your own words instead."}}}}
        """);

    [Theory]
    [Trait("Accepts", "F7.2")]
    [InlineData(June)]
    [InlineData(Ways.Newest)]
    public void Choices_that_are_the_only_way_are_the_only_field(string protocol) => Form(
        Asks("Go?") with { Options = [new("yes"), new("no")], Schema = JsonText.Parse("""{"type":"string","enum":["yes","no"]}""") }, protocol, """
        {"mode":"form","message":"bot asks: Go?",
         "requestedSchema":{"type":"object","properties":{"answer":{"type":"string","title":"Answer","enum":["yes","no"]}},"required":["answer"]}}
        """);

    [Fact]
    public void A_flat_object_has_a_field_for_each_member_and_says_what_a_form_cannot() => Form(
        Asks("When?") with
        {
            Schema = JsonText.Parse("""
                {"type":"object","properties":{
                  "releaseDate":{"type":"string","format":"date"},
                  "at":{"type":"string","format":"date-time","title":"The moment","description":"In UTC."},
                  "slots":{"type":"integer","minimum":1,"maximum":9},
                  "share":{"type":"number","exclusiveMinimum":0},
                  "dry_run":{"type":"boolean","default":true},
                  "code":{"type":"string","minLength":2,"maxLength":4,"pattern":"^[A-Z]+$"},
                  "regions":{"type":"array","items":{"type":"string","enum":["eu","us"]},"minItems":1,"maxItems":2},
                  "teams":{"type":"array","items":{"anyOf":[{"const":"a","title":"Team A"},{"const":"b"}]}}},
                 "required":["releaseDate","slots"],"additionalProperties":false}
                """),
        }, Ways.Newest, """
        {"mode":"form","message":"bot asks: When?",
         "requestedSchema":{"type":"object","properties":{
           "releaseDate":{"type":"string","title":"Release date","format":"date"},
           "at":{"type":"string","title":"The moment","description":"In UTC.","format":"date-time"},
           "slots":{"type":"integer","title":"Slots","minimum":1,"maximum":9},
           "share":{"type":"number","title":"Share","description":"Exclusive minimum: 0"},
           "dry_run":{"type":"boolean","title":"Dry run"},
           "code":{"type":"string","title":"Code","description":"Pattern: ^[A-Z]+$","minLength":2,"maxLength":4},
           "regions":{"type":"array","title":"Regions","minItems":1,"maxItems":2,"items":{"type":"string","enum":["eu","us"]}},
           "teams":{"type":"array","title":"Teams","items":{"anyOf":[{"const":"a","title":"Team A"},{"const":"b","title":"b"}]}}},
          "required":["releaseDate","slots"]}}
        """);

    [Theory]
    [InlineData(June, """{"type":"array","items":{"type":"string","enum":["eu","us"]}}""")]
    [InlineData(Ways.Newest, """{"type":"object","properties":{"a":{"type":"object"}}}""")]
    [InlineData(Ways.Newest, """{"type":"object","properties":{"a":{"type":"string"}},"minProperties":1}""")]
    [InlineData(Ways.Newest, """{"type":"array","items":{"type":"integer"}}""")]
    [InlineData(Ways.Newest, """{"type":"integer","enum":[1,2]}""")]
    [InlineData(Ways.Newest, """{"anyOf":[{"type":"string"},{"type":"integer"}]}""")]
    public void What_no_form_can_show_is_asked_for_as_json(string protocol, string schema) => Form(
        Asks("What?") with { Schema = JsonText.Parse(schema) }, protocol, $$$"""
        {"mode":"form","message":"bot asks: What?",
         "requestedSchema":{"type":"object","properties":{"answer":{"type":"string","title":"Answer","description":{{{JsonText.Of("JSON that fits this schema: " + schema)}}},"minLength":1}},"required":["answer"]}}
        """);

    [Fact]
    public void Text_cannot_steer_the_screen_it_is_shown_on() => Assert.Equal(
        "bot asks: red\u27E8U+001B\u27E9[31m tag\nand \u27E8U+202E\u27E9gpj.exe", ElicitationForm.Of("bot", Asks("red\u001b[31m tag\r\nand \u202Egpj.exe"), Ways.Newest).Message);

    [Fact]
    public void A_long_context_is_cut_and_the_action_never()
    {
        var approval = Approval($$"""{"tag":"{{new string('a', 20_000)}}"}""") with { Context = new string('c', 20_000) };

        Assert.Equal($"bot asks for approval: Push tag v1.4.0?\n\n{new string('c', 8000)}\n(cut here; the thread holds the whole)\n\n"
            + $"If approved, push_tag runs with:\n  tag: \"{new string('a', 20_000)}\"", ElicitationForm.Of("bot", approval, Ways.Newest).Message);
    }

    internal static RequestOpened Asks(string question) => new(DateTimeOffset.UnixEpoch, RequestKind.Question, question);

    internal static RequestOpened Approval(string arguments) => Asks("Push tag v1.4.0?") with
    {
        Kind = RequestKind.Approval,
        Context = "Now: v1.3.0",
        Action = ActionDigest.Bind("push_tag", JsonText.Parse(arguments)),
    };

    private static void Form(RequestOpened asked, string protocol, string expected) => Assert.Equal(
        JsonText.Parse(expected), JsonText.From(JsonSerializer.SerializeToElement(ElicitationForm.Of("bot", asked, protocol), McpJsonUtilities.DefaultOptions)));
}
