using System.Net.Http.Headers;

namespace AgentMcp.Server.Channels;

/// <summary>Posts to other servers. Whatever goes wrong is told without the address, which may be a secret itself.</summary>
internal static class ChannelHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private const int LongestReply = 1024 * 1024;

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = LongestReply,
    };

    /// <summary>Posts JSON, or what else it is, and returns the body of a reply of success.</summary>
    /// <exception cref="DeliveryException">There was no reply, or one that is no success.</exception>
    public static async Task<string> Post(Uri address, byte[] body, Action<HttpRequestHeaders> headers, CancellationToken cancellation, string media = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(media, "utf-8");
        headers(request.Headers);
        try
        {
            using var response = await Http.SendAsync(request, cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)
                : throw new DeliveryException($"the server answered {(int)response.StatusCode}", response.Headers.RetryAfter?.Delta);
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryException($"the server could not be reached ({e.HttpRequestError})", cause: e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new DeliveryException($"the server did not answer within {Patience.TotalSeconds:0} seconds", cause: e);
        }
    }
}
