using System.Globalization;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;
using static AgentMcp.Agents.Tests.Bench.Logs;

namespace AgentMcp.Agents.Tests.Prompts;

public sealed class Prompts_are_pure
{
    private static readonly ThreadEvent[] Log =
    [
        Started("""{"message":"1.5 of I and i, on 3/1/2026","n":-1234567.25,"yes":true}"""),
        Chose("look", """{"item":"tea","price":0.5}"""), Began(2), Returned(2, """{"at":"2026-03-01T09:00:00Z","n":1e21,"text":"a\r\nb"}"""),
        Chose("pay", "{}"), Began(5), Failed(5, "it did not end within 1.5 s"),
    ];

    [Fact]
    [Trait("Accepts", "F3.6")]
    public void Whatever_the_culture()
    {
        var plain = PromptRenderer.Render(TestAgents.Calculator, Log);

        // Read anew, since what is shown of an event is kept with it.
        var strange = InStrangeCulture(() => PromptRenderer.Render(TestAgents.Calculator, [.. Log.Select(e => ThreadJson.Read(ThreadJson.Write(e)))]));

        Assert.Equal(plain, strange);
        Assert.DoesNotContain('\r', plain.User);
    }

    [Fact]
    [Trait("Accepts", "F3.6")]
    public void Whatever_the_time_zone_and_the_process_that_stored_it()
    {
        var elsewhere = Log.Select(e => ThreadJson.Read(ThreadJson.Write(e with { At = e.At.ToOffset(TimeSpan.FromHours(9)) }))).ToList();

        Assert.Equal(PromptRenderer.Render(TestAgents.Calculator, Log), PromptRenderer.Render(TestAgents.Calculator, elsewhere));
    }

    [Fact]
    [Trait("Accepts", "F3.6")]
    public void And_so_is_reading_an_agent_file()
    {
        const string file = "---\nname: a\ndescription: d\ninput: { type: object, properties: { n: { type: number, minimum: 0.5 } } }\n---\nYou are {{agent}}.";
        static string Hash() => Definition.Of(AgentFile.Parse("a.agent.md", file, new Dictionary<string, Tools.Tool>())).Hash;

        Assert.Equal(Hash(), InStrangeCulture(Hash));
    }

    // The product runs without culture data, so a culture that differs in everything is made by hand.
    private static T InStrangeCulture<T>(Func<T> act)
    {
        var before = CultureInfo.CurrentCulture;
        var strange = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (strange.NumberFormat.NumberDecimalSeparator, strange.NumberFormat.NumberGroupSeparator, strange.NumberFormat.NegativeSign) = (",", ".", "~");
        (strange.DateTimeFormat.DateSeparator, strange.DateTimeFormat.TimeSeparator) = ("|", "_");
        try
        {
            CultureInfo.CurrentCulture = strange;
            return act();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
