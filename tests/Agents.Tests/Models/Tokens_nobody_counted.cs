using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Models;

/// <summary>Many endpoints that speak chat completions send no usage, and a limit has to hold all the same.</summary>
[Trait("Accepts", "F10.1")]
public sealed class Tokens_nobody_counted
{
    private const string Look = """{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"item\":\"shelf\"}"}}]}""";

    [Theory]
    [InlineData("null")]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}""")]
    public async Task Are_counted_here_where_a_limit_is_measured_by_them(string usage)
    {
        await using var server = new ProviderServer(Reply(Look, "tool_calls", usage));
        var turn = Limited(new Limits(Tokens: 100_000));

        var said = (ModelReply.Said)await Turns.OpenAI(server).NextStep(turn, TestContext.Current.CancellationToken);

        Assert.Equal(new Usage(Prompt(turn.Prompt), Tokens.Count("""{"intent":"look","item":"shelf"}""")), said.Usage);
    }

    [Fact]
    public async Task Are_counted_for_a_verdict_or_a_summary_too()
    {
        await using var server = new ProviderServer(Reply("""{"role":"assistant","content":"It is short."}""", "stop", "null"));
        var turn = Limited(new Limits(Cost: 1m), new("You judge.", "May this step be taken?", Turns.Adder.Input));

        var said = (ModelReply.Said)await Turns.OpenAI(server).NextStep(turn, TestContext.Current.CancellationToken);

        Assert.Equal(new Usage(Prompt(turn.Asked!), 4), said.Usage);
    }

    [Fact]
    public async Task Of_a_reply_that_was_cut_off_are_as_many_as_it_could_have()
    {
        await using var server = new ProviderServer(Reply("""{"role":"assistant","content":"{\"intent"}""", "length", "null"));

        var said = (ModelReply.Said)await Turns.OpenAI(server).NextStep(Limited(new Limits(Tokens: 100_000, Reply: 300)), TestContext.Current.CancellationToken);

        Assert.Equal(300, said.Usage!.OutputTokens);
    }

    [Fact]
    public async Task Stay_unknown_where_no_limit_needs_them()
    {
        await using var server = new ProviderServer(Reply(Look, "tool_calls", "null"));

        Assert.Null(((ModelReply.Said)await Turns.OpenAI(server).Take()).Usage);
    }

    [Fact]
    public async Task Fill_the_limit_until_a_person_is_asked()
    {
        await using var server = new ProviderServer(Reply(Look, "tool_calls", "null"));
        await using var bench = new AgentBench(new Outside().Clerk with { Limits = new(Tokens: 6_000, Reply: 200) }, Turns.OpenAI(server));

        var log = await bench.Start("x");

        Assert.InRange(server.Requests.Count, 2, 15);
        Assert.Equal((RequestKind.Budget, Limit.Tokens), (log.Thread.OpenRequests[0].Asked.Kind, log.Thread.OpenRequests[0].Asked.Leave!.Limit));
    }

    private static ModelTurn Limited(Limits limits, Prompt? asked = null) => new(Turns.Adder with { Limits = limits }, Turns.First.Log, asked);

    private static int Prompt(Prompt prompt) => Tokens.Count(prompt.System) + Tokens.Count(prompt.User) + Tokens.Count(prompt.Schema.Text);

    private static Answer.Http Reply(string message, string finishReason, string usage) => new(200,
        $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1767323045,"model":"gpt-test","choices":[{"index":0,"message":{{{message}}},"logprobs":null,"finish_reason":"{{{finishReason}}}"}],"usage":{{{usage}}}}""");
}
