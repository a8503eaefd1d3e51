using System.Net;
using System.Text.Json;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace AgentMcp.Agents.Models;

/// <summary>
/// The one place that waits for a provider. An attempt ends with a whole JSON body or it has failed; failures that may
/// pass are tried again with growing, jittered pauses, or after what Retry-After says. What leaves here is a reply or
/// a <see cref="ModelException"/> that says who failed, how, and what to do.
/// </summary>
internal sealed class ProviderHttp : DelegatingHandler
{
    private const int Attempts = 5;
    private const int LongestReply = 16 * 1024 * 1024;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    private readonly ModelSettings _settings;
    private readonly TimeProvider _clock;
    private readonly ResiliencePipeline _attempts;

    public ProviderHttp(ModelSettings settings, TimeProvider clock, HttpMessageHandler inner) : base(inner)
    {
        _settings = settings;
        _clock = clock;
        var retry = new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<PassingException>().Handle<HttpRequestException>().Handle<IOException>().Handle<TimeoutRejectedException>(),
            MaxRetryAttempts = Attempts - 1,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromSeconds(1),
            MaxDelay = TimeSpan.FromSeconds(30),
            UseJitter = true,
            DelayGenerator = failed => ValueTask.FromResult((failed.Outcome.Exception as PassingException)?.RetryAfter),
        };
        _attempts = new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(retry).AddTimeout(settings.AttemptTimeout).Build();
    }

    /// <summary>All attempts and pauses together; for clients that want a limit of their own.</summary>
    public static TimeSpan AtMost(ModelSettings settings) => Attempts * (settings.AttemptTimeout + LongestPause);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            if (request.Content is { } content)
            {
                await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
            }

            return await _attempts.ExecuteAsync(async token => await Attempt(request, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is PassingException or HttpRequestException or IOException or TimeoutRejectedException)
        {
            var last = e is TimeoutRejectedException ? $"no reply within {_settings.AttemptTimeout.TotalSeconds:0} seconds" : ProviderError.OneLine(e.Message, _settings);
            throw new ModelException($"{_settings.Name} gave no reply in {Attempts} attempts; the last one ended with: {last}.", mayPass: true, e);
        }
    }

    private async Task<HttpResponseMessage> Attempt(HttpRequestMessage request, CancellationToken cancellation)
    {
        var response = await base.SendAsync(request, cancellation).ConfigureAwait(false);
        try
        {
            // Read to the end here, so that a body that stalls or breaks off is this attempt's failure.
            await response.Content.LoadIntoBufferAsync(LongestReply, cancellation).ConfigureAwait(false);
            var body = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            Check(response, body);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private void Check(HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || status >= 500)
        {
            throw new PassingException($"{status} {ProviderError.Reason(response, body, _settings)}", Pause(response));
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new ModelException(
                $"{_settings.Name} refused the request with {status} {ProviderError.Reason(response, body, _settings)}. {ProviderError.Advice(response.StatusCode)}", mayPass: false);
        }

        try
        {
            using var _ = JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            throw new PassingException($"{status} with a body that is not JSON (is the base URL right?)", null);
        }
    }

    private TimeSpan? Pause(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - _clock.GetUtcNow() : null;
        return asked is { } pause ? TimeSpan.FromTicks(Math.Clamp(pause.Ticks, 0, LongestPause.Ticks)) : null;
    }

    /// <summary>An attempt failed in a way that may pass.</summary>
    private sealed class PassingException(string message, TimeSpan? retryAfter) : Exception(message)
    {
        public TimeSpan? RetryAfter { get; } = retryAfter;
    }
}
