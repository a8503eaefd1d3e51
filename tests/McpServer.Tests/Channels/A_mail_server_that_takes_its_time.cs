using AgentMcp.Server.Channels;
using AgentMcp.Server.Channels.Email;
using MailKit.Security;
using MimeKit;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>It answers for some addresses, and for others not at all.</summary>
public sealed class A_mail_server_that_takes_its_time : IAsyncDisposable
{
    private const string TooLong = "the mail server took too long";
    private static readonly MailboxAddress Agents = new("AgentMcp", "agents@mail.example");

    private readonly SteppedClock _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MailServer _mail = new();

    [Theory]
    [InlineData("ravi", "mia", "zoe")]
    [InlineData("mia", "ravi", "zoe")]
    [Trait("Accepts", "F7.5")]
    public async Task For_one_address_keeps_no_other_from_being_told(params string[] to)
    {
        var missed = Array.IndexOf(to, "ravi") + 1;
        var sent = Send(to);
        await Pass(stalls: 1);

        Assert.Equal([(missed, TooLong)], await sent);
        Assert.Equal(["mia", "zoe"], await Told(2));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task For_many_is_left_before_those_who_are_told_are_told_again()
    {
        var sent = Send("mia", "ravi", "ravi", "ravi", "ravi", "zoe");
        for (var stalls = 1; stalls <= 3; stalls++)
        {
            await Pass(stalls);
        }

        await Pass(stalls: 4, TimeSpan.FromSeconds(1));

        Assert.Equal([(2, TooLong), (3, TooLong), (4, TooLong), (5, TooLong), (6, TooLong)], await sent);
        Assert.Equal(["mia"], await Told(1));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task For_the_last_address_has_all_that_is_left()
    {
        var sent = Send("mia", "zoe", "ravi");
        await Pass(stalls: 1, TimeSpan.FromSeconds(24));
        Assert.False(sent.IsCompleted);
        await Pass(stalls: 1, TimeSpan.FromSeconds(1));

        Assert.Equal([(3, TooLong)], await sent);
        Assert.Equal(["mia", "zoe"], await Told(2));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task For_everybody_has_told_nobody()
    {
        var sent = Send("ravi");
        await Pass(stalls: 1, TimeSpan.FromSeconds(25));

        Assert.Equal(TooLong, (await Assert.ThrowsAsync<DeliveryException>(() => sent)).Message);
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task To_look_through_the_only_mail_is_waited_for_and_told_once()
    {
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mail.Scan = looked.Task;
        var sent = Send("mia");
        await Pass(stalls: 1, TimeSpan.FromSeconds(12));
        looked.SetResult();

        Assert.Empty(await sent);
        Assert.Equal(["mia"], await Told(1));
        Assert.Equal(1, _mail.Connections);
    }

    public ValueTask DisposeAsync() => _mail.DisposeAsync();

    private Task<IReadOnlyList<(int Number, string Why)>> Send(params string[] to)
    {
        _mail.Unanswered.Add("ravi@people.example");
        return new MailRelay("127.0.0.1", _mail.Port, SecureSocketOptions.None, (MailServer.User, MailServer.Password), _clock).Send(
            Agents, [.. to.Select(name => new MailboxAddress(name, $"{name}@people.example"))], Compose, TestContext.Current.CancellationToken);
    }

    private static MimeMessage Compose() => new([Agents], [Agents], "A question", new TextPart("plain") { Text = "Which one?" });

    // Once it kept so many answers to itself.
    private async Task Pass(int stalls, TimeSpan? time = null)
    {
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (_mail.Stalls < stalls)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        _clock.Advance(time ?? TimeSpan.FromSeconds(8));
    }

    private async Task<string[]> Told(int count)
    {
        List<string> told = [];
        while (told.Count < count)
        {
            told.Add((await _mail.Next()).Recipients.Single().Split('@')[0]);
        }

        Assert.Equal(0, _mail.Waiting);
        return [.. told];
    }
}
