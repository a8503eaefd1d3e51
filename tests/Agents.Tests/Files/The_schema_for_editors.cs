using AgentMcp.Agents.Files;
using AgentMcp.State.Json;
using YamlDotNet.Serialization;

namespace AgentMcp.Agents.Tests.Files;

public sealed class The_schema_for_editors
{
    private static readonly string Root = FindRoot(AppContext.BaseDirectory);
    private static readonly JsonText Schema = JsonText.Parse(AgentFileSchema.Text);

    [Fact]
    [Trait("Accepts", "F2.3")]
    public void Is_the_one_that_is_checked_in() =>
        Assert.Equal(AgentFileSchema.Text, File.ReadAllText(Path.Combine(Root, "docs", "agent-file.schema.json")).ReplaceLineEndings("\n"));

    [Fact]
    public void Knows_every_field_and_says_what_it_means()
    {
        var properties = Schema.Element().GetProperty("properties");

        Assert.Equal(AgentFile.Fields.Select(field => field.Name), properties.EnumerateObject().Select(property => property.Name));
        Assert.All(properties.EnumerateObject(), property => Assert.NotEmpty(property.Value.GetProperty("description").GetString()!));
        Assert.Null(JsonSchemas.Problem(Schema));
    }

    [Fact]
    public void Takes_every_agent_that_ships()
    {
        var files = Directory.GetFiles(Path.Combine(Root, "src", "Agents", "Microagents"), "*.agent.md", SearchOption.AllDirectories);

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal((file, null), (file, Violation(Head(File.ReadAllText(file))))));
    }

    [Theory]
    [InlineData("name: a\ndescription: d\ninput: { branch: string, dry_run?: boolean, stage: a | b, tags: [string], who: { name: string (of whom) } }")]
    [InlineData("name: a\ndescription: d\ninput: { type: object, properties: { n: { type: number } }, required: [n] }")]
    [InlineData("name: a\ndescription: d\ngates: { pay: human }\nlimits: { steps: 3, depth: 2 }\npeople: { remind_after: 15m, channels: [ops] }\nvars: { team: x }")]
    public void Takes_what_the_parser_takes(string head) => Assert.Null(Violation(head));

    [Theory]
    [InlineData("name: a")]
    [InlineData("name: two words\ndescription: d")]
    [InlineData("name: a\ndescription: d\nmodle: x")]
    [InlineData("name: a\ndescription: d\ninput: { branch: sting }")]
    [InlineData("name: a\ndescription: d\ngates: { pay: maybe }")]
    [InlineData("name: a\ndescription: d\nlimits: { step: 3 }")]
    [InlineData("name: a\ndescription: d\npeople: { remind_after: soon }")]
    [InlineData("name: a\ndescription: d\ntools: add")]
    public void And_marks_what_it_does_not(string head) => Assert.NotNull(Violation(head));

    private static string? Violation(string head)
    {
        var value = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(new StringReader(head));
        return JsonSchemas.Violation(Schema, JsonText.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(value)));
    }

    private static string Head(string text) => text.ReplaceLineEndings("\n").Split("---\n")[1];

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "AgentMcp.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder)!);
}
