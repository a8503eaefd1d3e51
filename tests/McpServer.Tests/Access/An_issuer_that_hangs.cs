using AgentMcp.Server.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Access;

/// <summary>Of an issuer that does not answer the keys of before are good enough, and nobody waits for one another.</summary>
public sealed class An_issuer_that_hangs : IDisposable
{
    private readonly WallClock _clock = new();
    private readonly Answers _answers = new();
    private readonly HttpClient _http;
    private readonly Issuer _issuer;

    public An_issuer_that_hangs()
    {
        _http = new(_answers);
        _issuer = new(new("http://127.0.0.1:1"), _http, _clock, NullLogger.Instance);
    }

    [Fact]
    public async Task Is_asked_once_and_the_keys_of_before_are_taken()
    {
        var before = await Keys();
        _clock.Advance(TimeSpan.FromHours(13));
        _answers.Next = _ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            throw new TaskCanceledException("The client's time is over.");
        };
        _answers.Asked = 0;

        var keys = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Keys()));

        Assert.NotNull(before);
        Assert.All(keys, taken => Assert.Same(before, taken));
        Assert.Equal(1, _answers.Asked);
    }

    [Fact]
    public async Task Holds_up_nobody_whose_keys_are_known()
    {
        var before = await Keys();
        _clock.Advance(TimeSpan.FromHours(13));
        var (asked, over) = Hang();
        var first = Keys();
        await asked;

        var others = await Task.WhenAll(Keys(), Keys()).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var waited = first.IsCompleted;
        over.SetResult();

        Assert.Equal([before, before], others);
        Assert.False(waited);
        Assert.Same(before, await first);
    }

    [Fact]
    public async Task Holds_up_for_no_more_than_a_second_whoever_asks_first()
    {
        var before = await Keys();
        _clock.Advance(TimeSpan.FromHours(13));
        var (asked, over) = Hang();
        var first = Keys();
        await asked;

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Same(before, await first.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        over.SetResult();
    }

    [Fact]
    public async Task Is_waited_for_by_all_together_where_there_are_no_keys_yet_and_by_nobody_who_has_left()
    {
        var (asked, over) = Hang();
        var first = Keys();
        await asked;
        using var left = new CancellationTokenSource();
        var (second, leaving) = (Keys(), _issuer.Keys(left.Token));
        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        over.SetResult();

        Assert.Equal([null, null, null], [await first, await second, await Keys()]);
        Assert.Equal(1, _answers.Asked);
    }

    [Fact]
    public async Task Or_answers_with_a_page_has_no_keys()
    {
        _answers.Next = _ => Task.FromResult("<!DOCTYPE html><title>Maintenance</title>");

        Assert.Null(await Keys());
    }

    [Fact]
    public async Task Is_asked_again_after_a_while_though_the_clock_was_set_back()
    {
        var published = _answers.Next;
        _answers.Next = _ => throw new HttpRequestException("It is down.");
        Assert.Null(await Keys());
        _answers.Next = published;

        _clock.SetBack += TimeSpan.FromHours(2);
        _clock.Advance(TimeSpan.FromSeconds(6));

        var known = await Keys();
        Assert.NotNull(known);
        _clock.SetBack += TimeSpan.FromHours(24);
        _clock.Advance(TimeSpan.FromHours(13));
        Assert.NotSame(known, await Keys());
    }

    public void Dispose() => _http.Dispose();

    private Task<PublishedKeys?> Keys() => _issuer.Keys(TestContext.Current.CancellationToken);

    /// <summary>From now on it answers nobody until told, and then that it cannot.</summary>
    private (Task Asked, TaskCompletionSource Over) Hang()
    {
        var (asked, over) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _answers.Next = async _ =>
        {
            asked.TrySetResult();
            await over.Task;
            throw new HttpRequestException("It is gone.");
        };
        return (asked.Task.WaitAsync(TestContext.Current.CancellationToken), over);
    }

    /// <summary>Its time of day can be set; the time that passes is none of that.</summary>
    private sealed class WallClock : FakeTimeProvider
    {
        public TimeSpan SetBack { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - SetBack;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }

    private sealed class Answers : HttpMessageHandler
    {
        public int Asked { get; set; }

        public Func<string, Task<string>> Next { get; set; } = path => Task.FromResult(path.EndsWith("/keys", StringComparison.Ordinal)
            ? """{"keys":[]}""" : """{"issuer":"http://127.0.0.1:1","jwks_uri":"http://127.0.0.1:1/keys"}""");

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return new() { Content = new StringContent(await Next(request.RequestUri!.AbsolutePath)) };
        }
    }
}
