using AgentMcp.Server.Inbox;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AgentMcp.Server.Tests.Inbox;

/// <summary>A form whose fields hold the arguments, as a browser sends it back.</summary>
public sealed class What_nobody_touched_stays_as_it_was
{
    [Theory]
    [InlineData("""{"type":["string","null"]}""", "null", "")]
    [InlineData("""{"type":"string"}""", "\"\"", "")]
    [InlineData("""{"type":"string"}""", """ "\nindented\r\n" """, "indented\r\n")]
    [InlineData("""{"type":"string","maxLength":40}""", """ "two\nlines" """, "twolines")]
    [InlineData("""{"type":"string"}""", """ "a\u202eb" """, "a\u27E8U+202E\u27E9b")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-05-04T10:00:00Z\"", "2026-05-04T10:00")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-05-04T10:00:00+02:00\"", "")]
    [InlineData("""{"type":"string","format":"date"}""", "\"next week\"", "")]
    [InlineData("""{"type":["number","null"]}""", "null", "")]
    [InlineData("""{"type":"object"}""", """{"a":"\u200b"}""", """{"a":"\u200b"}""")]
    [InlineData("""{"enum":["a","b",null]}""", "null", "null")]
    [InlineData("""{"type":["boolean","null"]}""", "null", null)]
    [InlineData("""{"type":"array","items":{"enum":["a","b"]}}""", """["b","a"]""", "\"a\"|\"b\"")]
    public void A_plain_yes_to_an_untouched_form_approves_what_was_asked(string schema, string stored, string? posted)
    {
        var (answer, problems) = Read(schema, stored, posted);
        Assert.Empty(problems);
        Assert.Equal(new GivenAnswer(true, null, null), answer);
    }

    [Theory]
    [InlineData("""{"type":["string","null"]}""", "null", "now")]
    [InlineData("""{"type":"string"}""", "\"first\\nsecond\"", "first\r\n\r\nsecond")]
    [InlineData("""{"type":"string"}""", "\"gone\"", "")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-05-04T10:00:00Z\"", "2026-05-04T10:01")]
    [InlineData("""{"type":["boolean","null"]}""", "null", "true")]
    [InlineData("""{"type":"array","items":{"enum":["a","b"]}}""", """["b","a"]""", "\"a\"")]
    public void A_plain_yes_does_not_take_along_what_was_touched(string schema, string stored, string posted) =>
        Assert.Equal([ArgumentChanges.Changed], Read(schema, stored, posted).Problems.Values);

    [Fact]
    public void A_change_of_one_argument_leaves_the_others_as_they_were()
    {
        var problems = new Dictionary<string, string>();
        var asked = Asked("""{"note":{"type":["string","null"]},"to":{"type":"string"}}""", """{"note":null,"to":"staging","force":true}""");
        var changed = ArgumentChanges.Read(asked, Form(("f-note", ""), ("f-to", "production")), problems);
        Assert.Empty(problems);
        Assert.Equal("""{"note":null,"force":true,"to":"production"}""", changed?.Text);
    }

    private static (GivenAnswer? Answer, IReadOnlyDictionary<string, string> Problems) Read(string schema, string stored, string? posted) =>
        GivenAnswer.Read(Asked($$"""{"x":{{schema}}}""", $$"""{"x":{{stored}},"branch":"main"}"""), Form([("do", "approve"), .. (posted?.Split('|') ?? []).Select(one => ("f-x", one))]));

    private static RequestOpened Asked(string properties, string arguments) => new(DateTimeOffset.UnixEpoch, RequestKind.Approval, "Run it?",
        Action: ActionDigest.Bind("deploy", JsonText.Parse(arguments)), Changes: JsonText.Parse($$"""{"type":"object","properties":{{properties}}}"""));

    private static FormCollection Form(params (string Name, string Value)[] fields) =>
        new(fields.GroupBy(field => field.Name).ToDictionary(field => field.Key, field => new StringValues([.. field.Select(one => one.Value)])));
}
