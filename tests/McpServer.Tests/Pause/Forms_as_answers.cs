using System.Text.Json;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>A form that came back, as the answer it is; or as none.</summary>
public sealed class Forms_as_answers
{
    private static readonly RequestOpened Approval = Requests_as_forms.Approval("{}");
    private static readonly RequestOpened Changeable = Approval with { Options = [new("not_now", "Not now")], Changes = JsonText.Parse("""{"type":"object"}""") };
    private static readonly RequestOpened InDoubt = Asks("?") with { Kind = RequestKind.InDoubt, Schema = InDoubtAnswer.Schema, Options = InDoubtAnswer.Options };
    private static readonly RequestOpened Choice = Asks("?") with { Options = [new("staging"), new("production", "Production")] };

    [Theory]
    [InlineData("""{"approve":true}""", true, null)]
    [InlineData("""{"approve":false,"comment":"backend first"}""", false, "backend first")]
    [InlineData("""{"approve":true,"comment":"  "}""", true, null)]
    [InlineData("""{"approve":true,"comment":null,"extra":1}""", true, null)]
    public void A_verdict_is_read_with_its_comment(string content, bool approved, string? comment)
    {
        Assert.Equal(new(approved, Comment: comment), Read(Approval, content));
        Assert.Equal(new(approved, Comment: comment), Read(Approval with { Kind = RequestKind.Budget }, content));
    }

    [Theory]
    [Trait("Accepts", "P.5")]
    [Trait("Accepts", "A2H.4")]
    [InlineData("""{"approve":true,"arguments":"{\"a\": 5}"}""", true, null, """{"a":5}""")]
    [InlineData("""{"approve":true,"reason":"not_now","arguments":" "}""", true, null, null)]
    [InlineData("""{"approve":false,"reason":"not_now","arguments":"{\"a\": 5}"}""", false, "not_now", null)]
    [InlineData("""{"approve":false,"reason":""}""", false, null, null)]
    public void Other_arguments_go_with_a_yes_and_a_prepared_reason_with_a_no(string content, bool approved, string? reason, string? arguments) => Assert.Equal(
        new FormAnswer(approved, reason is null ? null : JsonText.Of(reason), Arguments: arguments is null ? null : JsonText.Parse(arguments)), Read(Changeable, content));

    [Theory]
    [InlineData("""{"approve":true,"arguments":"a is 5"}""")]
    [InlineData("""{"approve":false,"reason":"because"}""")]
    public void What_was_not_offered_is_no_answer(string content) => Assert.Null(Read(Changeable, content));

    [Theory]
    [Trait("Accepts", "P.4")]
    [InlineData("""{}""")]
    [InlineData("""{"comment":"yes"}""")]
    [InlineData("""{"approve":"true"}""")]
    [InlineData("""{"approve":1}""")]
    [InlineData("""{"approve":null}""")]
    [InlineData("""{"approve":true,"comment":7}""")]
    public void What_is_not_a_plain_yes_or_no_is_no_answer(string content) => Assert.Null(Read(Approval, content));

    [Theory]
    [Trait("Accepts", "P.4")]
    [InlineData("decline")]
    [InlineData("cancel")]
    [InlineData("approve")]
    [InlineData("")]
    public void Anything_but_an_accepted_form_is_no_answer_whatever_it_holds(string action) =>
        Assert.Null(ElicitationForm.Read(Approval, Filled("""{"approve":true}""", action), Ways.Newest));

    [Theory]
    [InlineData("""{"outcome":"skip","result":""}""", """{"outcome":"skip"}""")]
    [InlineData("""{"outcome":"done","result":"tag pushed"}""", """{"outcome":"done","result":"tag pushed"}""")]
    [InlineData("""{"outcome":"done","result":"{\"tag\": \"v2\"}"}""", """{"outcome":"done","result":{"tag":"v2"}}""")]
    [InlineData("""{"outcome":"perhaps"}""", null)]
    [InlineData("""{"result":"tag pushed"}""", null)]
    public void What_became_of_a_call_is_read_with_its_result(string content, string? response) => Responds(InDoubt, content, response);

    [Theory]
    [InlineData("""{"answer":"staging"}""", "\"staging\"")]
    [InlineData("""{"answer":"staging","other":"both"}""", "\"both\"")]
    [InlineData("""{"other":"both","answer":""}""", "\"both\"")]
    [InlineData("""{"other":"both"}""", "\"both\"")]
    [InlineData("""{"answer":"nowhere"}""", null)]
    [InlineData("""{}""", null)]
    public void A_choice_is_one_of_those_offered_or_words(string content, string? response) => Responds(Choice, content, response);

    [Theory]
    [InlineData("""{"answer":"the second"}""", "\"the second\"")]
    [InlineData("""{"answer":" "}""", null)]
    [InlineData("""{"answer":{"a":1}}""", null)]
    public void Words_are_text_that_says_something(string content, string? response) => Responds(Asks("?"), content, response);

    [Theory]
    [InlineData("""{"type":"integer"}""", """{"answer":3}""", "3")]
    [InlineData("""{"type":"number"}""", """{"answer":0.5}""", "0.5")]
    [InlineData("""{"type":"number"}""", """{"answer":"0.5"}""", null)]
    [InlineData("""{"type":"boolean"}""", """{"answer":false}""", "false")]
    [InlineData("""{"type":"string","format":"date"}""", """{"answer":"2026-11-22"}""", "\"2026-11-22\"")]
    [InlineData("""{"type":"array","items":{"enum":["eu","us"]}}""", """{"answer":["eu"]}""", """["eu"]""")]
    [InlineData("""{"type":"array","items":{"enum":["eu","us"]}}""", """{"answer":["asia"]}""", null)]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", """{"answer":"[1, 2]"}""", "[1,2]")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", """{"answer":"1 and 2"}""", null)]
    public void A_value_is_of_the_kind_that_was_asked_for(string schema, string content, string? response) =>
        Responds(Asks("?") with { Schema = JsonText.Parse(schema) }, content, response);

    [Theory]
    [InlineData("""{"name":"a","size":2,"extra":true}""", """{"name":"a","size":2}""")]
    [InlineData("""{"size":2,"name":"a","note":""}""", """{"name":"a","size":2}""")]
    [InlineData("""{"name":"a"}""", null)]
    [InlineData("""{"name":"a","size":"2"}""", null)]
    public void A_flat_object_is_read_member_by_member(string content, string? response) => Responds(
        Asks("?") with { Schema = JsonText.Parse("""{"type":"object","properties":{"name":{"type":"string"},"size":{"type":"integer"},"note":{"type":"string"}},"required":["size"]}""") },
        content, response);

    private static RequestOpened Asks(string question) => Requests_as_forms.Asks(question);

    private static void Responds(RequestOpened asked, string content, string? response) =>
        Assert.Equal(response is null ? null : new FormAnswer(Response: JsonText.Parse(response)), Read(asked, content));

    private static FormAnswer? Read(RequestOpened asked, string content) => ElicitationForm.Read(asked, Filled(content), Ways.Newest);

    private static ElicitResult Filled(string content, string action = "accept") =>
        new() { Action = action, Content = JsonElement.Parse(content).EnumerateObject().ToDictionary(field => field.Name, field => field.Value) };
}
