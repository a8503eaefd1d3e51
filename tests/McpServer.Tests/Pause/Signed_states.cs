using AgentMcp.Server.Protocol.Pause;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol;

namespace AgentMcp.Server.Tests.Pause;

public sealed class Signed_states
{
    private static readonly string Call = CallStates.CallOf("calculator", JsonText.Parse("""{"message":"divide 3 by 4"}"""));
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly CallState _state = new(ThreadId.Parse("thr_0198c0a1000070008000000000000000"), ThreadId.Parse("thr_0198c0a2000070008000000000000000"), new(3), "ann", Call, Round: 2, Owned: true);

    [Fact]
    public void A_state_comes_back_as_it_was_as_long_as_it_lives()
    {
        var text = States().Sign(_state);
        _clock.Advance(TimeSpan.FromSeconds(59.999));

        Assert.Equal(_state, States().Read(text, "ann", Call));
    }

    [Fact]
    public void After_that_it_is_refused_with_the_way_to_the_thread()
    {
        var text = States().Sign(_state);
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("The requestState has expired; nothing was lost. Call wait_thread with thread_id \"thr_0198c0a1000070008000000000000000\" to see where the thread stands.",
            Refusal(text, "ann", Call));
    }

    [Fact]
    [Trait("Accepts", "P.4")]
    public void To_another_principal_it_is_one_that_was_never_given() =>
        Assert.Equal("The requestState is not one that this server gave. Call the tool again without it.", Refusal(States().Sign(_state), "bob", Call));

    [Fact]
    [Trait("Accepts", "P.4")]
    public void No_character_of_it_can_be_another()
    {
        var text = States().Sign(_state);

        Assert.All(Enumerable.Range(0, text.Length), i => Assert.Equal("The requestState is not one that this server gave. Call the tool again without it.",
            Refusal($"{text[..i]}{(text[i] == 'A' ? 'B' : 'A')}{text[(i + 1)..]}", "ann", Call)));
    }

    [Fact]
    public void Nor_does_another_key_open_it() =>
        Assert.Throws<McpProtocolException>(() => States(key: 2).Read(States().Sign(_state), "ann", Call));

    [Fact]
    public void In_another_call_it_is_refused() =>
        Assert.StartsWith("The requestState belongs to a call of another tool or with other arguments.",
            Refusal(States().Sign(_state), "ann", CallStates.CallOf("calculator", JsonText.Parse("""{"message":"divide 4 by 4"}"""))), StringComparison.Ordinal);

    private string Refusal(string text, string principal, string call)
    {
        var refused = Assert.Throws<McpProtocolException>(() => States().Read(text, principal, call));
        Assert.Equal(McpErrorCode.InvalidParams, refused.ErrorCode);
        return refused.Message;
    }

    private CallStates States(byte key = 1) => new(() => [.. Enumerable.Repeat(key, 32)], TimeSpan.FromMinutes(1), _clock);
}
