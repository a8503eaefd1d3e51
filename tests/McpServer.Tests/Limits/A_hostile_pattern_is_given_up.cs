using AgentMcp.Server.Tests.Rest;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Limits;

public sealed class A_hostile_pattern_is_given_up
{
    // Nothing but the program itself bounds how long a pattern takes; without that, this one would go on for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_value_that_a_pattern_would_never_be_done_with_does_not_fit()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "picky.agent.md"), """
            ---
            name: picky
            description: An agent of the tests.
            input: { type: object, properties: { word: { type: string, pattern: "^(a+)+$" } }, required: [word], additionalProperties: false }
            tools: [divide]
            ---
            You are {{agent}}.
            """, TestContext.Current.CancellationToken);
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest, new Dictionary<string, string> { ["agents"] = folder.Path });
        using var rest = new RestClient(server.Url!, folder.Database);
        var word = new string('a', 100) + "!";
        const string Problem = "a pattern of the schema took too long to match this value. ";

        var overMcp = await server.Refusal("picky", new { word }).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var overRest = await rest.Post("/threads", $$"""{"agent":"picky","input":{"word":"{{word}}"} }""").WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.StartsWith("invalid_input: The arguments of picky do not fit: " + Problem, overMcp, StringComparison.Ordinal);
        Assert.StartsWith($$"""422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The input does not fit picky: {{Problem}}""", overRest, StringComparison.Ordinal);
        Assert.Empty((await server.Ask("list_threads", new { })).GetProperty("threads").EnumerateArray());
    }
}
