using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests.Json;

public class JsonTextTests
{
    [Theory]
    [InlineData("""  { "b" : 1 , "a" : [ true , null ] }  """, """{"b":1,"a":[true,null]}""")]
    [InlineData("""{"n":1.0,"e":1e2,"big":99999999999999999999999}""", """{"n":1.0,"e":1e2,"big":99999999999999999999999}""")]
    [InlineData("\"\\u00e9\\u003c\\/\\n\"", "\"é</\\n\"")]
    [InlineData("null", "null")]
    public void Text_is_kept_in_one_form(string given, string kept) => Assert.Equal(kept, JsonText.Parse(given).Text);

    [Fact]
    public void Equal_values_are_equal_whatever_space_they_came_with() => Assert.Equal(JsonText.Parse("[1, 2]"), JsonText.Parse(" [1,2]"));

    [Fact]
    public void Null_is_one_value_however_it_came()
    {
        Assert.Equal(JsonText.Null, default);
        Assert.Equal(JsonText.Null, JsonText.Parse("null"));
        Assert.Equal(JsonText.Null, JsonText.Of((string?)null));
        Assert.Equal((true, "null", false), (JsonText.Null.IsNull, JsonText.Null.Text, JsonText.Of("null").IsNull));
    }

    [Theory]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("[1] // one")]
    [InlineData("{a:1}")]
    [InlineData("NaN")]
    [InlineData("1 2")]
    [InlineData("")]
    [InlineData("\"\\ud800\"")]
    public void Lenient_JSON_is_no_JSON(string text) => Assert.ThrowsAny<JsonException>(() => JsonText.Parse(text));

    [Fact]
    public void Half_a_surrogate_pair_is_no_text_wherever_it_comes_from()
    {
        using var document = JsonDocument.Parse("""{"a":"\ud800"}""");
        Assert.Throws<JsonException>(() => JsonText.From(document.RootElement));
        Assert.False(JsonText.TryParse("{\"a\":\"\ud83d\"}", out _));
        Assert.False(JsonText.TryParse("\ud83d", out _));
    }

    [Fact]
    public void Only_a_string_has_text_inside()
    {
        Assert.Equal("a\"b", JsonText.Of("a\"b").AsString());
        Assert.Equal([null, null, null], new[] { JsonText.Null, JsonText.Of(true), JsonText.Parse("[\"a\"]") }.Select(value => value.AsString()));
    }

    [Fact]
    [Trait("Accepts", "P.5")]
    public void The_digest_covers_tool_and_arguments()
    {
        var arguments = JsonText.Parse("""{ "tag": "v1.4.0", "sha": "9f2c1ab" }""");
        Assert.Equal("sha256:006c8f1adf71ccb67775803980a0a70f4ae33580dd62cdf73c64b3f35ec442e5", ActionDigest.Of("tag_push", arguments));
        Assert.Equal(new BoundAction("tag_push", arguments, ActionDigest.Of("tag_push", arguments)), ActionDigest.Bind("tag_push", arguments));
        Assert.Equal(3, new[] { ActionDigest.Of("tag_push", arguments), ActionDigest.Of("tag_pull", arguments), ActionDigest.Of("tag_push", JsonText.Null) }.Distinct().Count());
    }
}
