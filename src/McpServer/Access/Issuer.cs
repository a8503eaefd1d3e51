using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace AgentMcp.Server.Access;

/// <summary>What an issuer publishes: its name and the keys it signs with.</summary>
/// <param name="At">When that was read, as a timestamp of the clock.</param>
internal sealed record PublishedKeys(string Issuer, ICollection<SecurityKey> Keys, long At);

/// <summary>
/// Reads what the issuer publishes, and again when that is old or a token is signed with a key it does not hold. An
/// unknown key costs the issuer a question no more often than every <see cref="Pause"/>, whoever shows how many. There is
/// one question at a time, and while it is open nobody waits for it who can do with the keys of before: an issuer that
/// hangs must not hold up those whose keys are known. Thread-safe.
/// </summary>
internal sealed class Issuer(Uri authority, HttpClient http, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(12);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // Whoever asks first waits so long all the same: a key may have been taken back since.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _address = authority.ToString().TrimEnd('/') + "/.well-known/openid-configuration";
    private PublishedKeys? _known;
    // Time that passed, not the time of day: a clock that is set back would have the issuer asked no more for as long.
    private long? _asked;
    private Task<PublishedKeys?> _asking = Task.FromResult<PublishedKeys?>(null);

    /// <summary>Null when the issuer cannot be reached, and never could.</summary>
    public async Task<PublishedKeys?> Keys(CancellationToken cancellation)
    {
        if (_known is not { } known)
        {
            return await Ask(null, wait: true).WaitAsync(cancellation).ConfigureAwait(false) ?? _known;
        }

        if (clock.GetElapsedTime(known.At) < Fresh)
        {
            return known;
        }

        try
        {
            return await Ask(known, wait: false).WaitAsync(Longest, clock, cancellation).ConfigureAwait(false) ?? _known;
        }
        catch (TimeoutException)
        {
            return _known;
        }
    }

    /// <summary>Null when there is nothing newer, or it was asked just now.</summary>
    public Task<PublishedKeys?> NewerThan(PublishedKeys known, CancellationToken cancellation) => Ask(known, wait: true).WaitAsync(cancellation);

    /// <param name="wait">Whether to wait where somebody else has asked already.</param>
    private Task<PublishedKeys?> Ask(PublishedKeys? known, bool wait)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_known, known))
            {
                return Task.FromResult(_known);
            }

            if (!_asking.IsCompleted)
            {
                return wait ? _asking : Task.FromResult<PublishedKeys?>(null);
            }

            return _asked is { } asked && clock.GetElapsedTime(asked) < Pause ? Task.FromResult<PublishedKeys?>(null) : _asking = Task.Run(Read);
        }
    }

    // For all who wait, so it does not end with the request of one of them; the client of HTTP bounds it.
    private async Task<PublishedKeys?> Read()
    {
        try
        {
            var published = await OpenIdConnectConfigurationRetriever.GetAsync(_address, new HttpDocumentRetriever(http) { RequireHttps = authority.Scheme == "https" }, CancellationToken.None).ConfigureAwait(false);
            if (published.Issuer?.TrimEnd('/') != authority.ToString().TrimEnd('/'))
            {
                throw new InvalidOperationException($"it calls itself {published.Issuer}");
            }

            return _known = new(published.Issuer, published.SigningKeys, clock.GetTimestamp());
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException or ArgumentException or JsonException)
        {
            logger.LogWarning("The keys of {Issuer} cannot be read: {Reason}", authority, e.InnerException?.Message ?? e.Message);
            return null;
        }
        finally
        {
            // From the end of it: one that took its time would be asked again at once.
            _asked = clock.GetTimestamp();
        }
    }
}
