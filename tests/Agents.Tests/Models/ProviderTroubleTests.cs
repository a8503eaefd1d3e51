using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;
using Xunit;
using static AgentMcp.Agents.Models.ModelReply;

namespace AgentMcp.Agents.Tests.Models;

[Trait("Accepts", "F9.6")]
public sealed class ProviderTroubleTests
{
    private const string Done = """{"id":"chatcmpl-1","object":"chat.completion","created":1767323045,"model":"gpt-test","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}""";
    private const string Limited = """{"error":{"message":"Rate limit reached for gpt-test.\nVisit our site.","type":"requests","param":null,"code":"rate_limit_exceeded"}}""";
    private const string Overloaded = """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}""";

    private static readonly Answer.Http Well = new(200, Done);
    private static readonly Said Ok = new("ok", new Usage(4, 1));
    private readonly SkippingClock _clock = new();

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", null)]
    [InlineData("3600", 120)]
    [InlineData("Fri, 02 Jan 2026 03:04:50 GMT", 45)]
    [InlineData("Fri, 02 Jan 2026 02:00:00 GMT", null)]
    public async Task After_429_the_model_waits_as_long_as_it_is_told_but_never_over_two_minutes(string retryAfter, int? seconds)
    {
        await using var server = new ProviderServer(new Answer.Http(429, Limited, "retry-after: " + retryAfter), Well);

        Assert.Equal(Ok, await Turns.OpenAI(server, _clock).Take());

        Assert.Equal(seconds is { } pause ? [TimeSpan.FromSeconds(pause)] : [], _clock.Pauses);
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(server.Requests[0].Body, server.Requests[1].Body);
    }

    [Fact]
    public async Task Statuses_that_may_pass_are_tried_again_after_a_growing_pause()
    {
        await using var server = new ProviderServer(new Answer.Http(408, ""), new Answer.Http(500, "{}"), new Answer.Http(503, "<html>"), new Answer.Http(529, Overloaded), Well);

        Assert.Equal(Ok, await Turns.OpenAI(server, _clock).Take());

        Assert.Equal(5, server.Requests.Count);
        Assert.Equal(4, _clock.Pauses.Count);
        Assert.All(_clock.Pauses, pause => Assert.InRange(pause, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_body_that_breaks_off_or_is_not_JSON_is_tried_again()
    {
        await using var server = new ProviderServer(new Answer.BreaksOff(Done), new Answer.Http(200, "<html>Welcome to the hotel network</html>"), Well);

        Assert.Equal(Ok, await Turns.OpenAI(server, _clock).Take());

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task An_attempt_without_a_reply_ends_at_its_timeout_and_is_tried_again()
    {
        await using var server = new ProviderServer(new Answer.Silence(_clock.PassAttempt), Well);

        Assert.Equal(Ok, await Turns.OpenAI(server, _clock).Take());

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Trouble_that_outlasts_five_attempts_may_pass_later()
    {
        await using var openai = new ProviderServer(new Answer.Http(429, Limited, "retry-after: 1"));
        await using var anthropic = new ProviderServer(new Answer.Http(529, Overloaded, "retry-after: 1"));

        var limited = await Turns.OpenAI(openai, _clock).Fail();
        var overloaded = await Turns.Anthropic(anthropic, _clock).Fail();

        Assert.Equal(("openai:gpt-test gave no reply in 5 attempts; the last one ended with: 429 Rate limit reached for gpt-test.", true), (limited.Message, limited.MayPass));
        Assert.Equal(("anthropic:claude-test gave no reply in 5 attempts; the last one ended with: 529 Overloaded.", true), (overloaded.Message, overloaded.MayPass));
        Assert.Equal((5, 5), (openai.Requests.Count, anthropic.Requests.Count));
        Assert.Equal(Enumerable.Repeat(TimeSpan.FromSeconds(1), 8), _clock.Pauses);
    }

    [Fact]
    public async Task A_provider_that_stays_silent_may_pass_later()
    {
        await using var server = new ProviderServer(new Answer.Silence(_clock.PassAttempt));

        var failure = await Turns.Anthropic(server, _clock).Fail();

        Assert.Equal(("anthropic:claude-test gave no reply in 5 attempts; the last one ended with: no reply within 300 seconds.", true), (failure.Message, failure.MayPass));
        Assert.Equal(5, server.Requests.Count);
    }

    [Theory]
    [InlineData("anthropic:claude-test")]
    [InlineData("openai:gpt-test")]
    public async Task A_refused_connection_may_pass_later(string spec)
    {
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = string.Create(CultureInfo.InvariantCulture, $"{nobody.LocalEndPoint}");

        var failure = await new ModelChoice(new(spec, $"http://{address}/v1", Turns.Key), _clock).For(null).Fail();

        Assert.Equal(($"{spec} gave no reply in 5 attempts; the last one ended with: Connection refused ({address}).", true), (failure.Message, failure.MayPass));
        Assert.Equal(4, _clock.Pauses.Count);
    }

    [Theory]
    [InlineData(401, """{"type":"error","error":{"type":"authentication_error","message":"invalid key sk-secret-0123456789"}}""", "invalid key ***. Check the API key (AGENTMCP_API_KEY, or the provider's own variable).")]
    [InlineData(403, """{"detail":"No."}""", "No. Check the API key (AGENTMCP_API_KEY, or the provider's own variable).")]
    [InlineData(404, """{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}""", "The model `x` does not exist. Check the name of the model and the base URL.")]
    [InlineData(404, "<html>404</html>", "Reason. Check the name of the model and the base URL.")]
    [InlineData(400, """{"error":"model is required"}""", "model is required. Check the name of the model and its settings.")]
    [InlineData(413, """{"object":"error","message":"too large\nby far"}""", "too large. Check the name of the model and its settings.")]
    [InlineData(307, "", "Reason. Redirects are not followed; check the base URL.")]
    public async Task A_refused_request_fails_at_once_with_the_reason_and_what_to_do(int status, string body, string rest)
    {
        await using var openai = new ProviderServer(new Answer.Http(status, body, "location: http://127.0.0.1:1/"));
        await using var anthropic = new ProviderServer(new Answer.Http(status, body, "location: http://127.0.0.1:1/"));

        var first = await Turns.OpenAI(openai, _clock).Fail();
        var second = await Turns.Anthropic(anthropic, _clock).Fail();

        Assert.Equal(($"openai:gpt-test refused the request with {status} {rest}", false), (first.Message, first.MayPass));
        Assert.Equal(($"anthropic:claude-test refused the request with {status} {rest}", false), (second.Message, second.MayPass));
        Assert.Equal((1, 1, 0), (openai.Requests.Count, anthropic.Requests.Count, _clock.Pauses.Count));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"error":{"message":"upstream failed"}}""")]
    public async Task JSON_that_is_no_reply_never_surfaces_as_another_exception(string body)
    {
        await using var openai = new ProviderServer(new Answer.Http(200, body));
        await using var anthropic = new ProviderServer(new Answer.Http(200, body));

        var first = await Turns.OpenAI(openai, _clock).Fail();
        var second = await Turns.Anthropic(anthropic, _clock).Fail();

        Assert.StartsWith("The exchange with openai:gpt-test failed: ", first.Message, StringComparison.Ordinal);
        Assert.StartsWith("The exchange with anthropic:claude-test failed: ", second.Message, StringComparison.Ordinal);
        Assert.True(first.MayPass && second.MayPass);
    }

    [Fact]
    public async Task A_cancelled_turn_stops_waiting()
    {
        using var stop = new CancellationTokenSource();
        await using var server = new ProviderServer(new Answer.Silence(stop.Cancel));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Turns.Anthropic(server, _clock).NextStep(Turns.First, stop.Token));

        Assert.Single(server.Requests);
    }
}
