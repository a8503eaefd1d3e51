using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace AgentMcp.Server.Access;

/// <summary>What an issuer publishes: its name and the keys it signs with.</summary>
internal sealed record PublishedKeys(string Issuer, ICollection<SecurityKey> Keys, DateTimeOffset At);

/// <summary>
/// Reads what the issuer publishes, and again when that is old or a token is signed with a key it does not hold. An
/// unknown key costs the issuer a question no more often than every <see cref="Pause"/>, whoever shows how many. Thread-safe.
/// </summary>
internal sealed class Issuer(Uri authority, HttpClient http, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(12);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _asking = new(1);
    private readonly string _address = authority.ToString().TrimEnd('/') + "/.well-known/openid-configuration";
    private PublishedKeys? _known;
    private DateTimeOffset _asked = DateTimeOffset.MinValue;

    /// <summary>Null when the issuer cannot be reached, and never could.</summary>
    public async Task<PublishedKeys?> Keys() => _known is { } known && clock.GetUtcNow() - known.At < Fresh ? known : await Ask(_known).ConfigureAwait(false) ?? _known;

    /// <summary>Null when there is nothing newer, or it was asked just now.</summary>
    public Task<PublishedKeys?> NewerThan(PublishedKeys known) => Ask(known);

    public void Dispose() => _asking.Dispose();

    private async Task<PublishedKeys?> Ask(PublishedKeys? known)
    {
        await _asking.WaitAsync().ConfigureAwait(false);
        try
        {
            // Somebody else may have asked while this one waited.
            if (!ReferenceEquals(_known, known) || clock.GetUtcNow() - _asked < Pause)
            {
                return ReferenceEquals(_known, known) ? null : _known;
            }

            _asked = clock.GetUtcNow();
            var published = await OpenIdConnectConfigurationRetriever.GetAsync(_address, new HttpDocumentRetriever(http) { RequireHttps = authority.Scheme == "https" }, CancellationToken.None).ConfigureAwait(false);
            if (published.Issuer?.TrimEnd('/') != authority.ToString().TrimEnd('/'))
            {
                throw new InvalidOperationException($"it calls itself {published.Issuer}");
            }

            return _known = new(published.Issuer, published.SigningKeys, _asked);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException or ArgumentException)
        {
            logger.LogWarning("The keys of {Issuer} cannot be read: {Reason}", authority, e.InnerException?.Message ?? e.Message);
            return null;
        }
        finally
        {
            _asking.Release();
        }
    }
}
