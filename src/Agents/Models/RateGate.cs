namespace AgentMcp.Agents.Models;

/// <summary>
/// Lets turns through to a provider as its limits allow, in the order in which they came. A turn takes its share at once,
/// and waits until that share has flowed in again. Who would wait too long is told so and takes nothing. The runtime's own
/// limiters read the machine's clock; this one is given its clock. Thread-safe.
/// </summary>
internal sealed class RateGate(string provider, RateLimit limit, TimeProvider clock, Action<string>? notice = null)
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan WorthTelling = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim? _places = limit.Concurrent is { } places ? new(places) : null;
    private readonly Flow? _requests = limit.Requests is { } requests ? new(requests, clock) : null;
    private readonly Flow? _tokens = limit.Tokens is { } tokens ? new(tokens, clock) : null;

    public bool CountsTokens => _tokens is not null;

    /// <param name="tokens">What the turn will take, as far as that is known.</param>
    /// <exception cref="ModelException">It would have to wait longer than <see cref="Longest"/>; trying again later may do.</exception>
    public async Task Enter(long tokens, CancellationToken cancellation)
    {
        await Place(cancellation).ConfigureAwait(false);
        var wait = Take(tokens);
        try
        {
            if (wait > Longest)
            {
                throw Full($"the next place is in {Math.Ceiling(wait.TotalMinutes)} minutes");
            }

            if (wait >= WorthTelling)
            {
                notice?.Invoke($"{provider} is asked in {wait.TotalSeconds:0} s, as its rate limit allows");
            }

            await Task.Delay(wait, clock, cancellation).ConfigureAwait(false);
        }
        catch
        {
            lock (_lock)
            {
                _requests?.Give(1);
                _tokens?.Give(tokens);
            }

            _places?.Release();
            throw;
        }
    }

    /// <param name="entered">What <see cref="Enter"/> was told.</param>
    /// <param name="taken">What the turn took, where the provider says so.</param>
    public void Leave(long entered, long? taken)
    {
        lock (_lock)
        {
            _tokens?.Give(entered - (taken ?? entered));
        }

        _places?.Release();
    }

    private async Task Place(CancellationToken cancellation)
    {
        if (_places is null)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await _places.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw Full($"no place was free within {Longest.TotalMinutes} minutes");
        }
    }

    private TimeSpan Take(long tokens)
    {
        lock (_lock)
        {
            var (requests, rest) = (_requests?.Take(1) ?? TimeSpan.Zero, _tokens?.Take(tokens) ?? TimeSpan.Zero);
            return requests > rest ? requests : rest;
        }
    }

    private ModelException Full(string when) => new($"The rate limit of {provider} is used up: {when}.", mayPass: true);

    /// <summary>Fills evenly, up to what a minute brings; may be overdrawn, and is then waited for.</summary>
    private sealed class Flow
    {
        private readonly double _perMinute;
        private readonly TimeProvider _clock;
        private double _there;
        private long _since;

        public Flow(double perMinute, TimeProvider clock) => (_perMinute, _clock, _there, _since) = (perMinute, clock, perMinute, clock.GetTimestamp());

        public TimeSpan Take(double amount)
        {
            Fill();
            _there -= amount;
            return _there >= 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(-_there / _perMinute);
        }

        public void Give(double amount)
        {
            Fill();
            _there = Math.Min(_perMinute, _there + amount);
        }

        private void Fill()
        {
            var now = _clock.GetTimestamp();
            _there = Math.Min(_perMinute, _there + (_clock.GetElapsedTime(_since, now).TotalMinutes * _perMinute));
            _since = now;
        }
    }
}
